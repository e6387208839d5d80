import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/run';
import type { Workbench } from '../support/workbench';

/** The lenses of a step that can be run. */
export const READY = ['Select', 'Run Loop', 'Run Checks', 'Skip'];

/** The rows of lenses in view, from the top; a row's lenses are told apart by the bars between them. */
export async function rows(
  window: Workbench,
): Promise<{ readonly row: Locator; readonly titles: readonly string[] }[]> {
  const all = await window.page.locator('.codelens-decoration').all(); // FRAGILE: lenses have no role but that of their links
  // One that goes while it is looked at is none.
  const placed = await Promise.all(
    all.map(async (row) => ({
      row,
      y: (await row.boundingBox({ timeout: 1_000 }).catch(() => null))?.y ?? Infinity,
      text: (await row.textContent({ timeout: 1_000 }).catch(() => null)) ?? '',
    })),
  );
  return placed
    .toSorted((a, b) => a.y - b.y)
    .map(({ row, text }) => ({ row, titles: text.split('|').map((title) => title.replaceAll('\u00a0', ' ').trim()) }));
}

/** Waits until the lenses are these, row by row. */
export async function lenses(
  window: Workbench,
  wanted: readonly (readonly string[])[],
  withinMs = 20_000,
): Promise<void> {
  let seen: readonly (readonly string[])[] = [];
  const same = async (): Promise<boolean> => {
    seen = (await rows(window)).map(({ titles }) => titles);
    return JSON.stringify(seen) === JSON.stringify(wanted);
  };
  await until('the lenses', same, withinMs).catch((error: unknown) => {
    expect(seen, String(error)).toEqual(wanted);
  });
}
