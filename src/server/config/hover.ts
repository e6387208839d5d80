import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import type { KeyDescription } from '../../core/config';
import type { OpenDocument } from '../documents';
import { keyAt } from './context';

/** What a key of config.toml means, which values it takes and what holds without it. */
export function configHover(document: OpenDocument, position: Position): Hover | null {
  if (document.tooLarge) return null;
  const found = keyAt(document, position);
  if (found === null) return null;
  return {
    contents: { kind: MarkupKind.Markdown, value: `**${found.path.join('.')}**\n\n${explain(found.description)}` },
    range: found.range,
  };
}

/** As Markdown. */
export function explain(description: KeyDescription): string {
  const lines = [description.text];
  if (description.values.length > 0)
    lines.push(`One of ${description.values.map((value) => `\`${value}\``).join(', ')}.`);
  if (description.fallback !== undefined) lines.push(`Without it: \`${String(description.fallback)}\`.`);
  if (description.kind === 'table' && description.children.size > 0)
    lines.push(
      `Keys: ${[...description.children.keys()].map((name) => `\`${name}\``).join(', ')}${description.open ? ' and your own' : ''}.`,
    );
  return lines.filter((line) => line !== '').join('\n\n');
}
