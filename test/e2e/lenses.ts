import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/run';
import type { Workbench } from '../support/workbench';

/** The lenses of a step that can run. */
export const READY = ['Select', 'Run Loop', 'Run Checks', 'Skip'];

/** The visible rows of lenses, from the top; bars separate the lenses of a row. */
export async function rows(
  window: Workbench,
): Promise<{ readonly row: Locator; readonly titles: readonly string[] }[]> {
  const all = await window.page.locator('.codelens-decoration').all(); // FRAGILE: only their links have a role
  // A lens may disappear while it is read.
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

/** Waits until these lenses are shown, row by row. */
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
