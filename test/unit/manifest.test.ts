import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, CONTEXTS, SETTINGS, VIEWS } from '../../src/ids';
import type { RunState, ShownIteration, ShownStep } from '../../src/views/model';
import { root } from '../support/paths';

interface Entry {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}
interface Manifest {
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly icon?: string;
    }[];
    readonly menus: Readonly<Record<string, readonly Entry[]>>;
    readonly keybindings: readonly Entry[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly contents: string; readonly when: string }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly svg: string } }[] }[];
    readonly configuration: {
      readonly properties: Readonly<
        Record<
          string,
          {
            readonly default?: unknown;
            readonly scope?: string;
            readonly description?: string;
            readonly markdownDescription?: string;
          }
        >
      >;
    };
  };
}

const text = fs.readFileSync(path.join(root, 'package.json'), 'utf8');
const { contributes } = JSON.parse(text) as Manifest;
const nls = JSON.parse(fs.readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const title = (key: string): string => nls[key.slice(1, -1)] ?? key;
const ids = Object.values(COMMANDS) as string[];

/** All states of a row; if this table lacks a state of the code, it does not compile. */
const RUNS: Record<RunState, true> = { open: true, finished: true, abandoned: true, damaged: true };
const STEPS: Record<ShownStep, true> = {
  'not-selected': true,
  selected: true,
  'in-progress': true,
  failed: true,
  passed: true,
  skipped: true,
  committed: true,
  damaged: true,
  working: true,
  'passed-elsewhere': true,
  'changed-since': true,
  'passed-by-0.1': true,
};
const ITERATIONS: Record<ShownIteration, true> = {
  unfinished: true,
  failed: true,
  passed: true,
  damaged: true,
  working: true,
  'passed-elsewhere': true,
  'changed-since': true,
  'passed-by-0.1': true,
};
const rows = [
  ...Object.keys(RUNS).map((state) => `run.${state}`),
  ...Object.keys(STEPS).flatMap((state) => [`step.${state}`, `step.${state}.untried`]),
  ...Object.keys(ITERATIONS).map((state) => `iteration.${state}`),
  'step.passed-accepted',
  'artifact',
  'issue.open',
  'issue.waived',
  'check.failed',
];
const rowMenu = contributes.menus['view/item/context'] ?? [];
const fits = (entry: Entry, row: string): boolean =>
  new RegExp(/viewItem =~ \/(.*?)\//u.exec(entry.when ?? '')?.[1] ?? '(?!)', 'u').test(row);
/** The commands of a row's menu while no operation runs. */
const offered = (row: string): string[] =>
  [
    ...new Set(
      rowMenu
        .filter((entry) => fits(entry, row) && !/ weld\.busy/u.test(entry.when ?? ''))
        .map((entry) => entry.command),
    ),
  ].sort();

describe('the manifest', () => {
  it('contributes exactly the commands of src/ids.ts', () => {
    expect(contributes.commands.map((one) => one.command).sort()).toEqual([...ids].sort());
  });

  it('names only commands that exist in menus, keys and welcome texts', () => {
    const used = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].map((entry) => entry.command);
    const linked = Object.values(nls).flatMap((value) =>
      [...value.matchAll(/command:(weld\.[\w.]+)/gu)].map((match) => match[1] ?? ''),
    );
    expect([...used, ...linked].filter((id) => id.startsWith('weld.') && !ids.includes(id))).toEqual([]);
  });

  it('gives each command the category, a short title in title case and an icon', () => {
    for (const command of contributes.commands) {
      expect(command.category, command.command).toBe('Weld');
      const words = title(command.title);
      expect(words, command.command).toMatch(
        /^[A-Z][\w'-]*( ([A-Z][\w'-]*|a|for|from|to|in|with|the|of|as|This))*…?$/u,
      );
      expect(words.length, words).toBeLessThanOrEqual(34);
      expect(words, command.command).not.toContain('Weld');
      expect(command.icon, command.command).toMatch(/^\$\([a-z-]+\)$/u);
    }
    const titles = contributes.commands.map((one) => title(one.title));
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('offers a command in the palette only where it can work', () => {
    const conditions = new Map(contributes.menus['commandPalette']?.map((entry) => [entry.command, entry.when]));
    const always = ids.filter((id) => !conditions.has(id));
    expect(always).toEqual(['weld.showLog']);
  });

  it('tests rows only for states that exist, each word of a condition', () => {
    for (const { when = '', command } of rowMenu) {
      const pattern = /viewItem =~ \/(.*?)\//u.exec(when)?.[1] ?? '';
      const single = /\(([\w|-]+)\)/u.exec(pattern);
      const words = single?.[1]?.split('|') ?? [''];
      for (const word of words) {
        const one = single ? pattern.replace(single[0], word) : pattern;
        expect(
          rows.filter((row) => new RegExp(one, 'u').test(row)),
          `${command}: ${one}`,
        ).not.toEqual([]);
      }
    }
  });

  it('offers in the menu of a row what can be done with it', () => {
    for (const row of ['run.open', 'run.finished'])
      expect(offered(row)).toEqual(
        expect.arrayContaining([
          'weld.run.continue',
          'weld.commit',
          'weld.plan.import',
          'weld.plan.review',
          'weld.run.abandon',
          'weld.run.copyId',
          'weld.reveal',
        ]),
      );
    expect(offered('run.abandoned')).toEqual(['weld.reveal', 'weld.run.copyId', 'weld.run.report']);
    expect(offered('run.damaged')).toEqual(['weld.reveal', 'weld.run.copyId']);
    expect(offered('step.not-selected.untried')).toEqual(['weld.step.loop', 'weld.step.select', 'weld.step.skip']);
    for (const row of ['step.in-progress', 'step.failed'])
      expect(offered(row)).toEqual([
        'weld.step.amend',
        'weld.step.fixPrompt',
        'weld.step.loop',
        'weld.step.openReview',
        'weld.step.restore',
        'weld.step.review',
        'weld.step.select',
        'weld.step.showChanges',
        'weld.step.skip',
        'weld.step.snapshot',
      ]);
    for (const row of ['step.passed-elsewhere', 'step.changed-since', 'step.passed-by-0.1'])
      expect(offered(row)).toEqual(
        expect.arrayContaining(['weld.step.accept', 'weld.step.loop', 'weld.step.showChanges', 'weld.step.openReview']),
      );
    expect(offered('step.passed-accepted')).toEqual(
      expect.arrayContaining(['weld.step.unaccept', 'weld.step.showChanges']),
    );
    for (const row of ['step.passed', 'step.failed'])
      for (const command of ['weld.step.accept', 'weld.step.unaccept']) expect(offered(row)).not.toContain(command);
    expect(offered('step.selected.untried')).not.toContain('weld.step.showChanges');
    expect(offered('iteration.unfinished')).toContain('weld.step.review');
    for (const row of ['iteration.passed', 'iteration.failed']) expect(offered(row)).not.toContain('weld.step.review');
    expect(offered('artifact')).toEqual(['weld.copyPath', 'weld.openArtifact', 'weld.reveal']);
    expect(offered('check.failed')).toEqual(['weld.check.acceptKnown', 'weld.issue.fix']);
    expect(offered('issue.waived')).toEqual(['weld.issue.unwaive']);
  });

  it('has at most three inline actions a row', () => {
    for (const row of rows)
      expect(
        rowMenu.filter((entry) => entry.group?.startsWith('inline') === true && fits(entry, row)).length,
        row,
      ).toBeLessThanOrEqual(3);
  });

  it('knows the views and the contexts of src/ids.ts', () => {
    expect(contributes.viewsContainers.activitybar.map((one) => one.id)).toEqual([VIEWS.container]);
    expect(contributes.views[VIEWS.container]?.map((one) => one.id)).toEqual([VIEWS.runs]);
    const contexts = [...text.matchAll(/\b(weld\.(?!runs\b)\w+)(?= ==| &&|\)|")/gu)].map((match) => match[1] ?? '');
    const known: string[] = [...Object.values(CONTEXTS), ...ids];
    expect(
      contexts.filter(
        (name) => !known.includes(name) && /^(?!weld\.(svg|weld))/u.test(name) && text.includes(`${name} ==`),
      ),
    ).toEqual([]);
  });

  it('takes each of its strings from package.nls.json, and leaves none there unused', () => {
    const used = new Set([...text.matchAll(/"%([\w.-]+)%"/gu)].map((match) => match[1] ?? ''));
    expect([...used].filter((key) => nls[key] === undefined)).toEqual([]);
    expect(Object.keys(nls).filter((key) => !used.has(key))).toEqual([]);
  });

  it('describes each setting, with a default and a scope', () => {
    const { properties } = contributes.configuration;
    for (const [name, setting] of Object.entries(properties)) {
      expect(setting.description ?? setting.markdownDescription, name).toMatch(/^%.*%$/u);
      expect(setting.default, name).toBeDefined();
      expect(setting.scope, name).toBeDefined();
    }
    const { section, ...own } = SETTINGS;
    for (const name of Object.values(own)) expect(Object.keys(properties)).toContain(`${section}.${name}`);
  });

  it('has every picture that it names, in colours of the theme', () => {
    const pictures = contributes.walkthroughs.flatMap((tour) => tour.steps.map((step) => step.media.svg));
    for (const picture of pictures)
      expect(fs.readFileSync(path.join(root, picture), 'utf8'), picture).toContain('var(--vscode-');
    for (const container of contributes.viewsContainers.activitybar)
      expect(fs.existsSync(path.join(root, container.icon))).toBe(true);
  });
});
