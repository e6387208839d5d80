import type { Locator, Page } from 'playwright-core';
import { until } from './run';

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
/** Matches an accessible name that begins with a label: the workbench adds keys and hints after a comma. */
const named = (label: string): RegExp => new RegExp(`^${escape(label)}(,|$)`, 'u');

/** The parts of the page's elements in use here: the types of the DOM would apply to the whole project. */
interface Element {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Element | null;
}
/** The palette's text when nothing matches. */
const NO_MATCH = /^No matching/u;
const labels = (all: Locator): Promise<string[]> =>
  all.evaluateAll((elements) =>
    (elements as unknown as Element[]).map((element) => element.getAttribute('aria-label') ?? ''),
  );

export interface Row {
  readonly label: string;
  readonly description: string;
  /** Text for screen readers. */
  readonly spoken: string;
  readonly level: number;
  readonly expanded: boolean | undefined;
}

/**
 * One window of the workbench, used as a person would. Elements are found by role and accessible name; a class or an id
 * is used only if there is nothing better, and marked FRAGILE.
 */
export class Workbench {
  constructor(readonly page: Page) {}

  /** Waits until the extension has started. */
  async ready(timeout = 150_000): Promise<this> {
    await this.page.locator('.monaco-workbench').waitFor({ timeout }); // FRAGILE
    await this.status('weld.weld.weld.lock').waitFor({ timeout });
    return this;
  }

  // Quick input: palette, input box, quick pick

  get quick(): Locator {
    return this.page.locator('.quick-input-widget'); // FRAGILE: it has no role of its own
  }
  get quickField(): Locator {
    return this.quick.locator('input.input').first(); // FRAGILE
  }
  /**
   * Runs a palette command by its full label, "Weld: Start Run…". Retries for a while: the palette lists what is
   * enabled when it opens, and closes when an editor that opens late takes the focus.
   */
  async command(label: string, withinMs = 60_000): Promise<void> {
    for (const end = Date.now() + withinMs; ; ) {
      try {
        await this.page.keyboard.press('F1');
        const field = this.quick.locator('input[aria-label^="Type the name of a command"]'); // FRAGILE
        await field.fill(`>${label}`, { timeout: 5000 });
        await this.quick
          .getByRole('option', { name: named(label) })
          .first()
          .click({ timeout: 5000 }); // not Enter: the list may still be filtering
        return;
      } catch (error) {
        await this.page.keyboard.press('Escape');
        if (Date.now() > end) throw error;
      }
    }
  }
  /** The labels that the palette lists for a search, such as "Weld:". */
  async palette(search: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    const field = this.quick.locator('input[aria-label^="Type the name of a command"]');
    await field.waitFor();
    await field.fill(`>${search}`);
    const seen = new Set<string>();
    // Labels that begin with the search come first, then those that match in another way.
    await until('the palette to have filtered', async () => {
      const [first = ''] = await this.options();
      return first.startsWith(search) || NO_MATCH.test(first);
    });
    // The list is virtual and wraps around: when the first entry is active again, every entry has been.
    const active = async (): Promise<string> => (await field.getAttribute('aria-activedescendant')) ?? '';
    for (const first = await active(); ; ) {
      for (const label of await this.options()) if (label.startsWith(search)) seen.add(label);
      const before = await active();
      if ((await this.options()).length < 2) break;
      await this.page.keyboard.press('ArrowDown');
      await until('the next entry to be active', async () => (await active()) !== before);
      if ((await active()) === first) break;
    }
    await this.page.keyboard.press('Escape');
    return [...seen];
  }
  /** The entries of the open pick; one that takes several shows checkboxes. */
  async options(): Promise<string[]> {
    return labels(this.quick.getByRole('option').or(this.quick.getByRole('checkbox')));
  }
  async pick(label: string | RegExp): Promise<void> {
    await this.quick
      .getByRole('option', { name: typeof label === 'string' ? named(label) : label })
      .first()
      .click();
  }
  /** Fills the open input box and confirms it. */
  async answer(text: string): Promise<void> {
    await this.quickField.waitFor();
    await this.quickField.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Chooses a file by its path in the simple open dialog; a list of open Markdown editors may come first. */
  async chooseFile(file: string): Promise<void> {
    const another = this.quick.getByRole('option', { name: /Choose Another File/u });
    const confirm = this.quick.locator('a.monaco-text-button:visible').first(); // FRAGILE
    await another.or(confirm).first().waitFor();
    if (await another.isVisible()) await another.click();
    await confirm.waitFor();
    const name = file.split('/').at(-1) ?? file;
    // Once open, the dialog replaces the text with its own folder and lists it.
    await until(
      'the dialog to show its own folder',
      async () => (await this.quickField.inputValue()) !== '' && (await this.options()).length > 0,
      60_000,
    );
    await until(
      'the dialog to have read the path and to close',
      async () => {
        if (!(await this.quick.isVisible())) return true;
        if ((await this.quickField.inputValue()) !== file) await this.quickField.fill(file);
        if (!(await this.options()).some((option) => option.includes(name))) return false;
        await this.page.keyboard.press('Enter');
        return this.quick.waitFor({ state: 'hidden', timeout: 2000 }).then(
          () => true,
          () => false,
        );
      },
      60_000,
    );
  }

  // Status bar

  /** @param id `<publisher>.<name>.<item id>` */
  status(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }
  get lock(): Locator {
    return this.status('weld.weld.weld.lock');
  }

  // Notifications and dialogs

  toast(text: string | RegExp): Locator {
    return this.page
      .getByRole('dialog', { name: text })
      .filter({ has: this.page.locator('.notification-list-item-message') }); // FRAGILE: toasts, not dialogs
  }
  get toasts(): Locator {
    return this.page.locator('.notification-list-item-message');
  }
  async toastButton(text: string | RegExp, button: string): Promise<void> {
    await this.toast(text).getByRole('button', { name: button, exact: true }).click();
  }
  /** The progress notification; its accessible name stays as it was when it appeared. */
  progress(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text }); // FRAGILE
  }
  modal(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text }); // FRAGILE
  }
  async clearToasts(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
  }

  // Views

  async openView(container: string): Promise<void> {
    const tab = this.page
      .locator('[id="workbench.parts.activitybar"]')
      .getByRole('tab', { name: new RegExp(`^${escape(container)}`, 'u') });
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }
  /** Drags the sash of the side bar to another width, in pixels. */
  async widenSideBar(by: number): Promise<void> {
    const box = async (): Promise<{ x: number; y: number; width: number; height: number }> =>
      (await this.page.locator('[id="workbench.parts.sidebar"]').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const { width } = await box();
    // The sash reacts only after a mouse move over it.
    await until('the side bar to have another width', async () => {
      const bar = await box();
      const [x, y] = [bar.x + bar.width + 1, bar.y + bar.height / 2];
      await this.page.mouse.move(x, y);
      await this.page.mouse.down();
      await this.page.mouse.move(x + by, y, { steps: 5 });
      await this.page.mouse.up();
      return (await box()).width !== width;
    });
  }
  /** Clicks a button until the result appears: a view that is redrawn between press and release loses the click. */
  async press(button: Locator, leadsTo: Locator): Promise<void> {
    await button.waitFor();
    await until(
      'the button to have been pressed',
      async () => {
        await button.click({ timeout: 2000 }).catch(() => undefined);
        return leadsTo
          .first()
          .waitFor({ timeout: 5000 })
          .then(
            () => true,
            () => false,
          );
      },
      60_000,
    );
  }
  tree(name = 'Runs'): Locator {
    return this.page.getByRole('tree', { name });
  }
  /** The visible rows. */
  async rows(name = 'Runs'): Promise<Row[]> {
    return this.tree(name)
      .getByRole('treeitem')
      .evaluateAll((rows) =>
        (rows as unknown as Element[]).map((row) => ({
          spoken: row.getAttribute('aria-label') ?? '',
          level: Number(row.getAttribute('aria-level')),
          expanded: { true: true, false: false }[row.getAttribute('aria-expanded') ?? ''],
          label: (row.querySelector('.label-name') ?? row).textContent.trim(), // FRAGILE
          description: row.querySelector('.label-description')?.textContent.trim() ?? '', // FRAGILE
        })),
      );
  }
  row(label: string | RegExp, name = 'Runs'): Locator {
    const text = typeof label === 'string' ? new RegExp(`^${escape(label)}$`, 'u') : label;
    return this.tree(name)
      .getByRole('treeitem')
      .filter({ has: this.page.locator('.label-name', { hasText: text }) });
  }
  /** Scrolls a long tree until a row is visible. */
  async reveal(label: string | RegExp, name = 'Runs'): Promise<void> {
    await this.tree(name).hover();
    await this.page.mouse.wheel(0, -100_000);
    await until(`${label} to come into sight`, async () => {
      if (await this.row(label, name).first().isVisible()) return true;
      await this.page.mouse.wheel(0, 120);
      return false;
    });
  }
  async expand(label: string | RegExp, name = 'Runs'): Promise<void> {
    const row = this.row(label, name).first();
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.locator('.monaco-tl-twistie').click(); // FRAGILE
    await until(`${label} to be open`, async () => (await row.getAttribute('aria-expanded')) === 'true');
  }
  /** Chooses an entry of a row's context menu. */
  async menu(label: string | RegExp, entry: string, name = 'Runs'): Promise<void> {
    await this.contextMenu(this.row(label, name).first(), entry);
  }
  /** Chooses an entry of any element's context menu. */
  async contextMenu(target: Locator, entry: string): Promise<void> {
    // The name may end with the keybinding.
    const item = this.page.getByRole('menuitem', { name: new RegExp(`^${escape(entry)}(,| Ctrl|$)`, 'u') });
    // A redrawn view loses the click or opens another row's menu, and a new menu ignores the mouse for a moment. Only a
    // menu that closes at the click shows that the entry was chosen.
    await until(
      `"${entry}" to be chosen`,
      async () => {
        if (!(await item.isVisible())) {
          await this.page.keyboard.press('Escape');
          await target.click({ button: 'right', timeout: 2000 }).catch(() => undefined);
          if (
            !(await item.waitFor({ timeout: 2000 }).then(
              () => true,
              () => false,
            ))
          )
            return false;
        }
        const clicked = await item.click({ timeout: 1000 }).then(
          () => true,
          () => false,
        );
        return (
          clicked &&
          item.waitFor({ state: 'hidden', timeout: 1000 }).then(
            () => true,
            () => false,
          )
        );
      },
      60_000,
    );
  }

  // Editors and panels

  async openFile(file: string): Promise<void> {
    const name = file.split('/').at(-1) ?? file;
    for (const end = Date.now() + 60_000; ; ) {
      // retried like a command: an editor that opens late takes the focus, and the list closes
      try {
        await this.page.keyboard.press('Control+P');
        await this.quickField.fill(file, { timeout: 5000 });
        await this.quick
          .getByRole('option', { name: new RegExp(escape(name), 'u') })
          .first()
          .click({ timeout: 5000 });
        break;
      } catch (error) {
        await this.page.keyboard.press('Escape');
        if (Date.now() > end) throw error;
      }
    }
    await this.tab(name).waitFor();
  }
  /**
   * Types at the beginning of a file, once its editor has the focus and the cursor is there. @param name of the file
   */
  async typeAtStart(name: string, text: string): Promise<void> {
    await this.openFile(name);
    const editor = this.page.locator(`[id="workbench.parts.editor"] .monaco-editor[data-uri$="/${name}"]`); // FRAGILE
    await until(`the cursor to be at the beginning of ${name}`, async () => {
      if (!((await editor.getAttribute('class')) ?? '').split(' ').includes('focused')) {
        await editor.locator('.view-lines').click();
        return false;
      }
      await this.page.keyboard.press('Control+Home');
      return this.page.getByText('Ln 1, Col 1', { exact: true }).isVisible();
    });
    await this.page.keyboard.type(text);
    const shown = text.trim();
    await editor.locator('.view-lines').getByText(shown).first().waitFor();
  }
  tab(title: string | RegExp): Locator {
    return this.page
      .locator('[id="workbench.parts.editor"]')
      .getByRole('tab', { name: typeof title === 'string' ? new RegExp(escape(title), 'u') : title })
      .first();
  }
  async tabs(): Promise<string[]> {
    return labels(this.page.locator('[id="workbench.parts.editor"]').getByRole('tab'));
  }
  async problems(): Promise<string[]> {
    await this.command('Problems: Focus on Problems View');
    const rows = this.page.getByRole('tree', { name: /Showing \d+ (of \d+ )?problems?/u }).getByRole('treeitem');
    await rows.first().waitFor();
    return labels(rows);
  }
}
