import type { Block } from './blocks';
import { atxHeading } from './headings';
import { readStepParts } from './sections';
import { linesRange, rangeOf, textOf, type Lines } from './source';
import { bodyOf, type FoundStep } from './steps';

/** Numbered lists that carry on one count, such as 1–3 and, after a paragraph, 4–6. */
interface Count {
  readonly heading: string;
  readonly items: { readonly n: number; readonly block: Block }[];
}

/** Takes steps from the numbered list that most likely holds them: under a heading that speaks of steps, else the longest. */
export function lenientSteps(lines: Lines, blocks: readonly Block[]): readonly FoundStep[] {
  const counts: Count[] = [];
  let heading = '';
  for (const block of blocks) {
    if (block.kind === 'heading') heading = atxHeading(lines[block.start.line] ?? '')?.text ?? '';
    if (block.kind !== 'list' || !block.ordered) continue;
    const open = counts.at(-1);
    const goesOn = open !== undefined && open.heading === heading && open.items.at(-1)?.n === block.first - 1;
    const count = goesOn ? open : { heading, items: [] };
    if (!goesOn) counts.push(count);
    for (const [at, child] of block.children.entries()) count.items.push({ n: block.first + at, block: child });
  }
  const named = counts.find((count) => /\b(?:steps?|plan|tasks?)\b/iu.test(count.heading));
  const longest = counts.reduce<Count | undefined>((best, count) => (best !== undefined && best.items.length >= count.items.length ? best : count), undefined);
  return ((named ?? longest)?.items ?? []).flatMap(({ n, block }) => lenientStep(lines, n, block) ?? []);
}

function lenientStep(lines: Lines, n: number, item: Block): FoundStep | null {
  if (item.kind !== 'item') return null;
  const first = item.children[0];
  if (first?.kind !== 'paragraph') return null;
  const heading = { start: first.start, end: { line: first.start.line, character: Math.min((lines[first.start.line] ?? '').length, first.end.line === first.start.line ? first.end.character : Infinity) } };
  const said = textOf(lines, heading);
  // "**Title** – what it means": the bold words name the step, and the whole line stays in its body.
  const title = (/^(\*\*|__)(.+?)\1/u.exec(said)?.[2] ?? said).replace(/[:.]$/u, '').trim();
  if (title === '') return null;
  const own = lines.slice(item.start.line, item.end.line + 1);
  const parts = readStepParts(lines, item.children.slice(1));
  const indent = first.start.character;
  return {
    step: {
      n,
      title,
      body: bodyOf(own.map((line, at) => (at > 0 ? line.slice(Math.min(indent, line.length - line.trimStart().length)) : said.replace(/[*_:.]/gu, '') === title ? '' : said))),
      acceptanceCriteria: parts.acceptanceCriteria,
      tests: parts.tests,
      sections: parts.sections,
      heading: rangeOf(lines, heading.start, heading.end),
      range: linesRange(lines, item.start.line, item.end.line + 1),
    },
    empty: parts.empty,
    filled: parts.filled,
  };
}
