import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, CONTEXTS, SETTINGS, VIEWS } from '../../src/ids';
import { root } from '../support/paths';

interface Entry { readonly command: string; readonly when?: string; readonly group?: string }
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string; readonly icon?: string }[];
    readonly menus: Readonly<Record<string, readonly Entry[]>>;
    readonly keybindings: readonly Entry[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly contents: string; readonly when: string }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly svg: string } }[] }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default?: unknown; readonly scope?: string; readonly description?: string; readonly markdownDescription?: string }>> };
  };
}

const text = fs.readFileSync(path.join(root, 'package.json'), 'utf8');
const { contributes } = JSON.parse(text) as Manifest;
const nls = JSON.parse(fs.readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const title = (key: string): string => nls[key.slice(1, -1)] ?? key;
const ids = Object.values(COMMANDS) as string[];

describe('the manifest', () => {
  it('contributes exactly the commands of src/ids.ts', () => {
    expect(contributes.commands.map((one) => one.command).sort()).toEqual([...ids].sort());
  });

  it('names only commands that exist in menus, keys and welcome texts', () => {
    const used = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].map((entry) => entry.command);
    const linked = Object.values(nls).flatMap((value) => [...value.matchAll(/command:(weld\.[\w.]+)/gu)].map((match) => match[1] ?? ''));
    expect([...used, ...linked].filter((id) => id.startsWith('weld.') && !ids.includes(id))).toEqual([]);
  });

  it('gives each command the category, a short title in title case and an icon', () => {
    for (const command of contributes.commands) {
      expect(command.category, command.command).toBe('Weld');
      const words = title(command.title);
      expect(words, command.command).toMatch(/^[A-Z][\w'-]*( ([A-Z][\w'-]*|for|from|to|in|with|the|of|This))*…?$/u);
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

  it('has at most three inline actions a row', () => {
    const kinds = ['run.open', 'step.working', 'step.failed', 'step.completed', 'iteration.failed', 'issue.open'];
    for (const kind of kinds) {
      const inline = (contributes.menus['view/item/context'] ?? []).filter((entry) => entry.group?.startsWith('inline') === true && new RegExp(/viewItem =~ \/(.*?)\//u.exec(entry.when ?? '')?.[1] ?? '(?!)', 'u').test(kind));
      expect(inline.length, kind).toBeLessThanOrEqual(3);
    }
  });

  it('knows the views and the contexts of src/ids.ts', () => {
    expect(contributes.viewsContainers.activitybar.map((one) => one.id)).toEqual([VIEWS.container]);
    expect(contributes.views[VIEWS.container]?.map((one) => one.id)).toEqual([VIEWS.runs]);
    const contexts = [...text.matchAll(/\b(weld\.(?!runs\b)\w+)(?= ==| &&|\)|")/gu)].map((match) => match[1] ?? '');
    const known: string[] = [...Object.values(CONTEXTS), ...ids];
    expect(contexts.filter((name) => !known.includes(name) && /^(?!weld\.(svg|weld))/u.test(name) && text.includes(`${name} ==`))).toEqual([]);
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
    for (const picture of pictures) expect(fs.readFileSync(path.join(root, picture), 'utf8'), picture).toContain('var(--vscode-');
    for (const container of contributes.viewsContainers.activitybar) expect(fs.existsSync(path.join(root, container.icon))).toBe(true);
  });
});
