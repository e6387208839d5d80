import { type CompletionItem, CompletionItemKind, MarkupKind, type Position } from 'vscode-languageserver/node';
import { CHECK_SETTINGS, checkConfig, describeConfig, describeKey, type KeyDescription } from '../../core/config';
import type { OpenDocument } from '../documents';
import { type ConfigContext, contextAt, keysBelow } from './context';
import { explain } from './hover';

/** Tables, keys and values of config.toml. */
export function configCompletion(document: OpenDocument, position: Position): CompletionItem[] {
  if (document.tooLarge) return [];
  const context = contextAt(document, position.line, position.character);
  if (context === null) return [];
  const after = restOf(context, document.line(position.line).slice(position.character));
  const range = {
    start: { line: position.line, character: position.character - context.typed.length },
    end: { line: position.line, character: position.character + after.length },
  };
  return proposals({ context, document, assigned: after.assigned }).map(({ label, newText, description, kind }) => ({
    label,
    kind,
    textEdit: { range, newText },
    filterText: newText,
    ...(description === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: explain(description) } }),
  }));
}

interface Rest {
  /** How much of the line behind the position belongs to what is being written. */
  readonly length: number;
  /** The key has its `=` already. */
  readonly assigned: boolean;
}

/** @param after the line behind the position */
function restOf(context: ConfigContext, after: string): Rest {
  const open =
    context.kind === 'value' ? /^(?:"[^"]*|'[^']*|\[[^\]]*)$/u.exec(context.typed)?.[0].charAt(0) : undefined;
  const ends = open === '[' ? ']' : open;
  const closed = ends === undefined ? -1 : after.indexOf(ends);
  // Text behind an open quote belongs to it up to its end; without one, as far as a word goes.
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

/** Also of a text that is not valid yet, as is usual while the list is being written: then by its lines. */
function categories(document: OpenDocument): readonly string[] {
  const { config } = checkConfig(document.text.getText());
  const names = config === null ? keysBelow(document, 'checks') : Object.keys(config.checks);
  return names.filter((name) => !CHECK_SETTINGS.includes(name));
}
