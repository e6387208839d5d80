import { joinPieces, type Piece } from './blocks';
import { type Chosen, chooseSteps, LINE_DEPTH, type Seen, type Taken } from './families';
import { strictText } from './headings';
import type { Block } from './markdown';
import { lineWithText, moveRange, type Range } from './planText';
import { readStepParts, type StepParts } from './sections';
import { type Document, seenIn } from './seen';
import { type Lines, lineRange, linesRange, moveItem, type PlanStep, type SectionName } from './source';

/** A step at its place in the document, with details that only warnings need. */
export interface FoundStep {
  readonly step: PlanStep;
  readonly empty: readonly Range[];
  readonly filled: ReadonlySet<SectionName>;
  /** Whether its heading is exactly `## Step N: Title`; absent for a list item. */
  readonly strict?: boolean;
  /** Whether its heading needs lenient reading; a `### Step N: Title` below a phase does not. */
  readonly lenient?: boolean;
  /** The number in its heading, when the steps were renumbered. */
  readonly written?: number;
}

/** The steps of a document, and its other headings. */
export interface FoundSteps {
  readonly steps: readonly FoundStep[];
  /** Every heading, and every line that looks like a step heading, in order. Lines count from the document's start. */
  readonly seen: readonly Seen[];
  readonly phases: ReadonlySet<Seen>;
}

/** A step's content without its place and number, which an edit elsewhere does not change. */
interface Content {
  readonly parts: StepParts;
  readonly body: string;
}

interface Draft {
  readonly taken: Taken;
  /** The pieces that contain the step. */
  readonly pieces: Piece[];
  end: number;
}

/** A step read earlier. The same pieces at the same distances give the same content. */
interface Known {
  readonly content: Content;
  readonly lines: number;
  readonly pieces: readonly Piece[];
  taken: Taken;
  found: FoundStep;
}

/** Makes steps from blocks, and caches each step by the pieces it was made of. */
export class StepReader {
  private readonly known = new WeakMap<Piece['blocks'], Known>();
  private readonly headings = new WeakMap<Piece['blocks'], readonly Seen[]>();

  /**
   * Reads the steps of a document.
   * @param choose selects the headings that are steps
   */
  read(
    document: Document,
    pieces: readonly Piece[],
    choose: (all: readonly Seen[]) => Chosen = chooseSteps,
  ): FoundSteps {
    const seen = pieces.flatMap((piece) => this.seenIn(document, piece));
    const chosen = choose(seen);
    const steps = drafts(seen, chosen.steps, chosen.phases, pieces, document.lines.length).map((draft) =>
      this.step(document, draft),
    );
    return { steps, seen, phases: chosen.phases };
  }

  private step(document: Document, draft: Draft): FoundStep {
    const { taken } = draft;
    const first = draft.pieces[0];
    // A step that begins in the middle of a piece, for example after a fence, is always read again.
    if (first?.from !== taken.seen.line) return place(document.lines, draft, readContent(document, draft));
    const lines = draft.end - taken.seen.line;
    const before = this.known.get(first.blocks);
    if (before === undefined || before.lines !== lines || !samePieces(before.pieces, draft.pieces)) {
      const content = readContent(document, draft);
      const found = place(document.lines, draft, content);
      this.known.set(first.blocks, { content, found, pieces: draft.pieces, lines, taken });
      return found;
    }
    if (before.found.step.heading.start.line !== taken.seen.line || !sameHead(before.taken, taken)) {
      before.found = place(document.lines, draft, before.content);
      before.taken = taken;
    }
    return before.found;
  }

  private seenIn(document: Document, piece: Piece): readonly Seen[] {
    let found = this.headings.get(piece.blocks);
    if (found === undefined) {
      found = piece.blocks.flatMap((block) => seenIn(document, block, piece.from));
      this.headings.set(piece.blocks, found);
    }
    return found.map((seen) => ({ ...seen, line: seen.line + piece.from, end: seen.end + piece.from }));
  }
}

const sameHead = (a: Taken, b: Taken): boolean => a.n === b.n && a.phase === b.phase && a.written === b.written;

/**
 * Finds where each step ends: at the next step, at a phase's heading, and at any heading of its level or above, unless
 * that names a section which the step still lacks.
 */
function drafts(
  all: readonly Seen[],
  steps: readonly Taken[],
  phases: ReadonlySet<Seen>,
  pieces: readonly Piece[],
  lines: number,
): readonly Draft[] {
  const taken = new Map(steps.map((step) => [step.seen, step]));
  const drafts: Draft[] = [];
  let current: Draft | null = null;
  let level = 0;
  let sections = new Set<string>();
  let next = 0;
  for (const piece of pieces) {
    current?.pieces.push(piece);
    for (let seen = all[next]; seen !== undefined && seen.line < piece.to; seen = all[++next]) {
      const step = taken.get(seen);
      if (current !== null && (step !== undefined || phases.has(seen) || endsStep(seen, level, sections))) {
        current.end = seen.line;
        if (seen.line === piece.from) current.pieces.pop();
        current = null;
      }
      if (step !== undefined) {
        drafts.push((current = { taken: step, pieces: [piece], end: lines }));
        level = seen.depth < LINE_DEPTH ? seen.depth : 2;
        sections = new Set();
      } else if (seen.section !== null) sections.add(seen.section);
    }
  }
  return drafts;
}

/** @param sections the sections that the step has so far */
function endsStep({ depth, section }: Seen, level: number, sections: ReadonlySet<string>): boolean {
  const lacking = section !== null && !sections.has(section) && depth >= level;
  return depth < LINE_DEPTH && depth <= Math.max(level, 1) && !lacking;
}

function samePieces(a: readonly Piece[], b: readonly Piece[]): boolean {
  const moved = (b[0]?.from ?? 0) - (a[0]?.from ?? 0);
  return (
    a.length === b.length &&
    a.every(
      (piece, at) =>
        piece.blocks === b[at]?.blocks && piece.from + moved === b[at].from && piece.to + moved === b[at].to,
    )
  );
}

function readContent({ lines, source }: Document, { taken: { seen }, pieces, end }: Draft): Content {
  const own = lines.slice(seen.line, end);
  const below = seen.end - seen.line;
  const blocks = joinPieces(pieces.map((piece) => ({ ...piece, from: piece.from - seen.line }))).flatMap((block) =>
    cut(own, block, below),
  );
  return { parts: readStepParts(own, blocks), body: bodyOf(source.slice(seen.end, end)) };
}

/**
 * Returns the part of a block that is in a step's lines, below its heading. A line inside a paragraph may begin a step.
 */
function cut(own: Lines, block: Block, below: number): readonly Block[] {
  if (block.end.line < below || block.start.line >= own.length) return [];
  if (block.kind !== 'paragraph') return block.start.line >= below ? [block] : [];
  const line = own[below] ?? '';
  const start =
    block.start.line >= below ? block.start : { line: below, character: line.length - line.trimStart().length };
  const last = own.length - 1;
  const end = block.end.line <= last ? block.end : { line: last, character: (own[last] ?? '').length };
  return start.line > end.line ? [] : [{ ...block, start, end }];
}

/** Joins lines unchanged, without the blank lines around them. */
export const bodyOf = (lines: Lines): string =>
  lines.slice(lineWithText(lines, 0), lines.findLastIndex((line) => line.trim() !== '') + 1).join('\n');

function place(lines: Lines, { taken, end }: Draft, { parts, body }: Content): FoundStep {
  const {
    n,
    title,
    phase,
    mark,
    written,
    seen: { line, strict, text },
  } = taken;
  return {
    step: {
      n,
      title,
      ...(phase === undefined ? {} : { phase }),
      ...(mark === undefined ? {} : { mark }),
      body,
      acceptanceCriteria: parts.acceptanceCriteria.map((item) => moveItem(item, line)),
      tests: parts.tests.map((item) => moveItem(item, line)),
      sections: parts.sections.map((section) => ({
        name: section.name,
        heading: moveRange(section.heading, line),
        range: moveRange(section.range, line),
        items: section.items.map((item) => moveItem(item, line)),
      })),
      heading: lineRange(lines, line),
      range: linesRange(lines, line, end),
    },
    empty: parts.empty.map((range) => moveRange(range, line)),
    filled: parts.filled,
    strict: strict !== null,
    lenient: strict === null && (phase === undefined || strictText(text) === null),
    ...(written === undefined ? {} : { written }),
  };
}
