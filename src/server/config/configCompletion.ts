import {
  type CompletionItem,
  CompletionItemKind,
  type Hover,
  MarkupKind,
  type Position,
} from 'vscode-languageserver/node';
import {
  CHECK_SETTINGS,
  checkConfig,
  describeConfig,
  describeKey,
  type KeyDescription,
  type Located,
  locateKeys,
} from '../../core/config';
import type { Range } from '../../core/plan';
import type { OpenDocument } from '../documents';
import { rangeInLine } from '../ranges';

/** Completes tables, keys and values of `config.toml`. */
export function configCompletion(document: OpenDocument, position: Position): CompletionItem[] {
  if (document.tooLarge) return [];
  const { line, character } = position;
  const context = contextAt(document, line, character);
  if (context === null) return [];
  const after = restOf(context, document.line(line).slice(character));
  const range = rangeInLine(line, character - context.typed.length, character + after.length);
  return proposals({ context, document, assigned: after.assigned }).map(({ label, newText, description, kind }) => ({
    label,
    kind,
    textEdit: { range, newText },
    filterText: newText,
    ...(description === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: explain(description) } }),
  }));
}

interface Rest {
  /** Length of the text after the position that the completion replaces. In UTF-16 units. */
  readonly length: number;
  /** Whether the key already has its `=`. */
  readonly assigned: boolean;
}

/** @param after the line after the position */
function restOf(context: ConfigContext, after: string): Rest {
  const open =
    context.kind === 'value' ? /^(?:"[^"]*|'[^']*|\[[^\]]*)$/u.exec(context.typed)?.[0].charAt(0) : undefined;
  const ends = open === '[' ? ']' : open;
  const closed = ends === undefined ? -1 : after.indexOf(ends);
  // Replace up to the end of an open string or list, otherwise up to the end of the word.
  const length = closed >= 0 ? closed + 1 : (/^[\w.-]*/u.exec(after)?.[0].length ?? 0);
  return { length, assigned: /^\s*=/u.test(after.slice(length)) };
}

interface Proposal {
  readonly label: string;
  readonly newText: string;
  readonly kind: CompletionItemKind;
  readonly description?: KeyDescription | undefined;
}

interface Asked {
  readonly context: ConfigContext;
  readonly document: OpenDocument;
  readonly assigned: boolean;
}

function proposals({ context, document, assigned }: Asked): readonly Proposal[] {
  switch (context.kind) {
    case 'header':
      return tables();
    case 'key':
      return keys(context.table, context.inline, assigned);
    case 'value':
      return values(context.path, document);
  }
}

function tables(): readonly Proposal[] {
  return [...describeConfig().children.values()].flatMap((table) => {
    const own: Proposal = { label: table.key, newText: table.key, kind: CompletionItemKind.Module, description: table };
    const inner = [...table.children.values()]
      .filter((child) => child.kind === 'table')
      .map(
        (child): Proposal => ({
          label: `${table.key}.${child.key}`,
          newText: `${table.key}.${child.key}`,
          kind: CompletionItemKind.Module,
          description: child,
        }),
      );
    return [own, ...inner];
  });
}

function keys(table: readonly string[], inline: boolean, assigned: boolean): readonly Proposal[] {
  const above = table.length === 0 ? describeConfig() : describeKey(table);
  return [...(above?.children.values() ?? [])].map((child) => {
    if (table.length === 0)
      return {
        label: `[${child.key}]`,
        newText: `[${child.key}]`,
        kind: CompletionItemKind.Module,
        description: child,
      };
    const value = assigned ? '' : child.kind === 'table' && !inline ? ' = { provider = "" }' : ' = ';
    return { label: child.key, newText: `${child.key}${value}`, kind: CompletionItemKind.Property, description: child };
  });
}

function values(path: readonly string[], document: OpenDocument): readonly Proposal[] {
  const description = describeKey(path);
  const item = (newText: string): Proposal => ({
    label: newText,
    newText,
    kind: CompletionItemKind.Value,
    description,
  });
  if (description === undefined) return [];
  if (description.values.length > 0) return description.values.map((value) => item(JSON.stringify(value)));
  if (description.kind === 'boolean') return [item('true'), item('false')];
  if (path.join('.') === 'checks.order') return [item(JSON.stringify(categories(document)))];
  if (description.fallback !== undefined) return [item(JSON.stringify(description.fallback))];
  if (description.kind === 'table')
    return (description.children.get('provider')?.values ?? []).map((provider) => item(`{ provider = "${provider}" }`));
  return [];
}

/** Names of the checks. While the text is not valid TOML, as is usual during typing, they come from its lines. */
function categories(document: OpenDocument): readonly string[] {
  const { config } = checkConfig(document.text.getText());
  const names = config === null ? keysBelow(document, 'checks') : Object.keys(config.checks);
  return names.filter((name) => !CHECK_SETTINGS.includes(name));
}

/** What is being typed at a position. */
export type ConfigContext =
  | { readonly kind: 'header'; readonly typed: string }
  | { readonly kind: 'key'; readonly table: readonly string[]; readonly typed: string; readonly inline: boolean }
  | { readonly kind: 'value'; readonly path: readonly string[]; readonly typed: string };

const HEADER = /^\s*\[{1,2}\s*([^\]#]*)/u;

/** Reads the line up to the position and the headers above it. The text need not be valid TOML. */
export function contextAt(document: OpenDocument, line: number, character: number): ConfigContext | null {
  const before = document.line(line).slice(0, character);
  if (/^\s*#/u.test(before)) return null;
  const header = /^\s*\[([^\]]*)$/u.exec(before);
  if (header !== null && !before.includes('=')) return { kind: 'header', typed: (header[1] ?? '').trim() };
  const table = tableAbove(document, line);
  const inline = /^\s*([\w.-]+)\s*=\s*\{(.*)$/u.exec(before);
  if (inline !== null && !(inline[2] ?? '').includes('}')) {
    const own = [...table, ...(inline[1] ?? '').split('.')];
    const last = (inline[2] ?? '').split(',').at(-1) ?? '';
    return pairContext(last, own, true);
  }
  return pairContext(before, table, false);
}

function pairContext(text: string, table: readonly string[], inline: boolean): ConfigContext | null {
  const value = /^\s*([\w.-]+)\s*=(.*)$/u.exec(text);
  if (value !== null)
    return { kind: 'value', path: [...table, ...(value[1] ?? '').split('.')], typed: (value[2] ?? '').trimStart() };
  const key = /^\s*([\w.-]*)$/u.exec(text);
  return key === null ? null : { kind: 'key', table, typed: key[1] ?? '', inline };
}

function tableAbove(document: OpenDocument, line: number): readonly string[] {
  for (let at = line - 1; at >= 0; at--) {
    const match = HEADER.exec(document.line(at));
    if (match !== null)
      return (match[1] ?? '')
        .split('.')
        .map((part) => part.trim().replace(/^["']|["']$/gu, ''))
        .filter((part) => part !== '');
  }
  return [];
}

/** The keys on the lines below a table's header. Works without valid TOML. */
export function keysBelow(document: OpenDocument, table: string): readonly string[] {
  const found: string[] = [];
  let inside = false;
  for (let at = 0; at < document.text.lineCount; at++) {
    const line = document.line(at);
    const header = /^\s*\[{1,2}\s*([\w.-]+)\s*\]/u.exec(line);
    if (header !== null) inside = header[1] === table;
    const key = inside ? /^\s*(?:"([\w.-]+)"|([\w-]+))\s*=/u.exec(line) : null;
    if (key !== null) found.push(key[1] ?? key[2] ?? '');
  }
  return found;
}

interface KeyAt {
  readonly path: readonly string[];
  readonly range: Range;
  readonly description: KeyDescription;
}

/** The key whose name or value is at a position; null when there is none. */
export function keyAt(document: OpenDocument, position: Position): KeyAt | null {
  const offset = document.text.offsetAt(position);
  const keys = locateKeys(document.text.getText());
  if (keys.length === 0) return keyInLine(document, position);
  let found: Located | undefined;
  for (const key of keys) {
    const [from, to] = [key.key[0], key.value?.[1] ?? key.key[1]];
    if (from <= offset && offset <= to) found = key;
  }
  const description =
    found === undefined ? undefined : found.path.length === 0 ? describeConfig() : describeKey(found.path);
  if (found === undefined || description === undefined) return null;
  return {
    path: found.path,
    range: { start: document.text.positionAt(found.key[0]), end: document.text.positionAt(found.key[1]) },
    description,
  };
}

/** Reads the line alone, because the rest of the text is not valid TOML. */
function keyInLine(document: OpenDocument, { line, character }: Position): KeyAt | null {
  const text = document.line(line);
  const from = character - (/(?<![\w.-])[\w.-]+$/u.exec(text.slice(0, character))?.[0].length ?? 0);
  const to = character + (/^[\w.-]*/u.exec(text.slice(character))?.[0].length ?? 0);
  const context = from === to ? null : contextAt(document, line, to);
  if (context === null) return null;
  const path =
    context.kind === 'value'
      ? context.path
      : [...(context.kind === 'key' ? context.table : []), ...context.typed.split('.')];
  const description = describeKey(path);
  return description === undefined ? null : { path, range: rangeInLine(line, from, to), description };
}

/** Explains the key of `config.toml` at a position: meaning, values, default. */
export function configHover(document: OpenDocument, position: Position): Hover | null {
  if (document.tooLarge) return null;
  const found = keyAt(document, position);
  if (found === null) return null;
  return {
    contents: { kind: MarkupKind.Markdown, value: `**${found.path.join('.')}**\n\n${explain(found.description)}` },
    range: found.range,
  };
}

/** The explanation of a key as Markdown. */
export function explain(description: KeyDescription): string {
  const lines = [description.text];
  if (description.values.length > 0) lines.push(`One of ${codeList(description.values)}.`);
  if (description.fallback !== undefined) lines.push(`Without it: \`${String(description.fallback)}\`.`);
  if (description.kind === 'table' && description.children.size > 0)
    lines.push(`Keys: ${codeList([...description.children.keys()])}${description.open ? ' and your own' : ''}.`);
  return lines.filter((line) => line !== '').join('\n\n');
}

const codeList = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
