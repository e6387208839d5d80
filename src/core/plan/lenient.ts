import { countAt } from './counting';
import { headingText, readCandidate } from './headings';
import { sectionName } from './labels';
import type { Block } from './markdown';
import { type Marked, splitMark, withMark } from './marks';
import { type Range } from './planText';
import { readStepParts } from './sections';
import { type Lines, lineRange, linesRange, rangeOf, textFrom, textOf } from './source';
import { bodyOf, type FoundStep } from './stepReader';

/** Lists with one continuing count, such as 1–3 and, after a paragraph, 4–6. */
interface Count {
  readonly heading: string;
  readonly items: { readonly n: number; readonly block: Block }[];
}

export interface ListSteps {
  readonly steps: readonly FoundStep[];
  /** Whether the heading above the list mentions steps. */
  readonly named: boolean;
  /** First lines of other lists that count. */
  readonly left: readonly Range[];
}

/** Takes steps from the list that most likely holds them: one under a heading that mentions steps, else the longest. */
export function lenientSteps(lines: Lines, blocks: readonly Block[]): ListSteps {
  const counts = countsOf(lines, blocks);
  const named = counts.find((count) => NAMES_STEPS.test(count.heading));
  const longest = counts.reduce<Count | undefined>(
    (best, count) => (best !== undefined && best.items.length >= count.items.length ? best : count),
    undefined,
  );
  const chosen = named ?? longest;
  const left = counts.filter(
    (count) => count !== chosen && count.items.length > 1 && sectionName(count.heading) === null,
  );
  return {
    steps: (chosen?.items ?? []).flatMap(({ n, block }) => lenientStep(lines, n, block) ?? []),
    named: named !== undefined,
    left: left.flatMap(({ items: [first] }) => (first === undefined ? [] : [lineRange(lines, first.block.start.line)])),
  };
}

const NAMES_STEPS = /\b(?:steps?|plan|tasks?|todos?|schritte?)\b|步骤|步驟|手順|ステップ/iu;

function countsOf(lines: Lines, blocks: readonly Block[]): readonly Count[] {
  const counts: Count[] = [];
  let heading = '';
  for (const block of blocks) {
    if (block.kind === 'heading') heading = headingText(lines[block.start.line] ?? '');
    if (block.kind !== 'list') continue;
    const items = block.ordered
      ? block.children.map((child, at) => ({ n: block.first + at, block: child }))
      : bulletCounts(lines, block.children, heading);
    const [first] = items;
    if (first === undefined) continue;
    const open = counts.at(-1);
    if (open?.heading === heading && open.items.at(-1)?.n === first.n - 1) open.items.push(...items);
    else counts.push({ heading, items });
  }
  return counts;
}

/**
 * Reads bullets that have numbers in their text: `- [ ] 1. Title`, `- Step 1: Title`, `- 1. Title`. Under a heading
 * that mentions steps, checkboxes suffice. An item without a number gets the number after the one above.
 */
function bulletCounts(lines: Lines, items: readonly Block[], heading: string): Count['items'] {
  const numbers = items.map((item) => numberOf(lines, item));
  const first = numbers[0];
  const boxes =
    NAMES_STEPS.test(heading) && items.length > 1 && items.every((item) => BOX.test(firstText(lines, item)));
  if ((first ?? null) === null ? !boxes : numbers.filter((n) => n !== null).length * 2 <= numbers.length) return [];
  let last = (first ?? 1) - 1;
  return items.map((block, at) => ({ n: (last = numbers[at] ?? last + 1), block }));
}

const BOX = /^\[[ xX✓✔~-]?\](?![^ \t])/u;

const NUMBER = /^\d{1,9}(?:[.):：]|\\\.)(?![^\s])/u;

function numberOf(lines: Lines, item: Block): number | null {
  const inner = item.kind === 'item' ? item.children[0] : undefined;
  if (inner?.kind === 'list' && inner.ordered && inner.children.length === 1) return inner.first;
  const text = firstText(lines, item)
    .replace(BOX, '')
    .replace(/^[\s*_]+/u, '');
  if (NUMBER.test(text)) return countAt(text)?.n ?? null;
  const said = readCandidate(text, false);
  return said?.kind === 'step' && !said.decimal ? said.n : null;
}

/** Returns the item's own paragraph; for `- 1. Title`, that of the inner list. */
function paragraphOf(item: Block): Block | undefined {
  const first = 'children' in item ? item.children[0] : undefined;
  const inner = first?.kind === 'list' && first.children.length === 1 ? first.children[0] : undefined;
  return inner !== undefined && 'children' in inner ? inner.children[0] : first;
}

function firstText(lines: Lines, item: Block): string {
  const first = paragraphOf(item);
  return first === undefined ? '' : textFrom(lines, first.start).trim();
}

function lenientStep(lines: Lines, n: number, item: Block): FoundStep | null {
  if (item.kind !== 'item') return null;
  const first = paragraphOf(item);
  if (first?.kind !== 'paragraph') return null;
  const heading = {
    start: first.start,
    end: {
      line: first.start.line,
      character: Math.min(
        (lines[first.start.line] ?? '').length,
        first.end.line === first.start.line ? first.end.character : Infinity,
      ),
    },
  };
  const said = textOf(lines, heading);
  const named = titleOf(said);
  if (named.title === '') return null;
  const own = lines.slice(item.start.line, item.end.line + 1);
  const rest = item.children[0] === first ? item.children.slice(1) : item.children;
  const parts = readStepParts(
    lines,
    rest.filter((block) => block.start.line > first.start.line),
  );
  const indent = first.start.character;
  return {
    step: {
      n,
      ...named,
      body: bodyOf(
        own.map((line, at) =>
          at > 0
            ? line.slice(Math.min(indent, line.length - line.trimStart().length))
            : said.replace(/[*_:.]/gu, '') === named.title
              ? ''
              : said,
        ),
      ),
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

/** Takes the bold words of "**Title** – explanation" as the title; the whole line stays in the body. */
function titleOf(said: string): Marked {
  const box = splitMark(said);
  const plain = box.title.replace(/^\d{1,9}(?:[.):：]|\\\.)[ \t]+/u, '');
  const named = readCandidate(plain, false);
  if (named?.kind === 'step' && named.title !== '')
    return withMark(named.title.replace(/[:.]$/u, '').trim(), box.mark ?? named.mark);
  const bold = /^(\*\*|__)([^\n]+?)\1/u.exec(plain)?.[2];
  return withMark((bold ?? plain).replace(/[:.]$/u, '').trim(), box.mark);
}
