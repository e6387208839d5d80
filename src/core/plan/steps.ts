import { strictStep, type StepHeading } from './headings';
import { headingSection } from './labels';
import { joinPieces, type Piece } from './pieces';
import { readStepParts, type StepParts } from './sections';
import { lineRange, linesRange, moveItem, moveRange, type Lines } from './source';
import type { PlanStep, Range, SectionName } from './types';

/** A step where it stands, with what only warnings need. */
export interface FoundStep {
  readonly step: PlanStep;
  readonly empty: readonly Range[];
  readonly filled: ReadonlySet<SectionName>;
}

/** A step's content apart from where it stands and which number it has: what an edit elsewhere leaves as it is. */
interface Content {
  readonly parts: StepParts;
  readonly body: string;
}

interface Draft extends StepHeading {
  readonly line: number;
  /** The pieces that the step stands in. */
  readonly pieces: Piece[];
  end: number;
}

/** A step as it was read from pieces; the same pieces at the same distances make the same content. */
interface Known {
  readonly content: Content;
  readonly lines: number;
  readonly pieces: readonly Piece[];
  found: FoundStep;
}

/** Makes steps from blocks, and remembers each step by the pieces that it was made of. */
export class StepReader {
  private readonly known = new WeakMap<Piece['blocks'], Known>();
  private readonly headings = new WeakMap<Piece['blocks'], readonly Heading[]>();

  read(lines: Lines, pieces: readonly Piece[]): readonly FoundStep[] {
    return this.drafts(lines, pieces).map((draft) => {
      const first = draft.pieces[0];
      // A step that begins in the middle of a piece, behind a fence for example, is read anew.
      if (first?.from !== draft.line) return place(lines, draft, readContent(lines, draft));
      const before = this.known.get(first.blocks);
      if (before === undefined || before.lines !== draft.end - draft.line || !samePieces(before.pieces, draft.pieces)) {
        const content = readContent(lines, draft);
        const found = place(lines, draft, content);
        this.known.set(first.blocks, { content, found, pieces: draft.pieces, lines: draft.end - draft.line });
        return found;
      }
      if (before.found.step.heading.start.line !== draft.line) before.found = place(lines, draft, before.content);
      return before.found;
    });
  }

  /** A step ends at the next step and at any heading of its level or above, unless that names a section which the step still lacks. */
  private drafts(lines: Lines, pieces: readonly Piece[]): readonly Draft[] {
    const all: Draft[] = [];
    let current: Draft | null = null;
    let seen = new Set<string>();
    for (const piece of pieces) {
      current?.pieces.push(piece);
      for (const { line, depth, step, section } of this.headingsOf(lines, piece)) {
        const at = line + piece.from;
        const ends = step !== null || (depth <= 2 && (section === null || seen.has(section)));
        if (ends && current !== null) {
          current.end = at;
          if (at === piece.from) current.pieces.pop();
          current = null;
        }
        if (step !== null) {
          all.push((current = { ...step, line: at, pieces: [piece], end: lines.length }));
          seen = new Set();
        } else if (section !== null) seen.add(section);
      }
    }
    return all;
  }

  private headingsOf(lines: Lines, piece: Piece): readonly Heading[] {
    let found = this.headings.get(piece.blocks);
    if (found === undefined) {
      found = piece.blocks.flatMap((block) => {
        if (block.kind !== 'heading') return [];
        const text = lines[block.start.line + piece.from] ?? '';
        return [{ line: block.start.line, depth: block.depth, step: block.depth === 2 ? strictStep(text) : null, section: headingSection(text) }];
      });
      this.headings.set(piece.blocks, found);
    }
    return found;
  }
}

/** A heading in a piece, its line counted from the piece's start. */
interface Heading {
  readonly line: number;
  readonly depth: number;
  readonly step: StepHeading | null;
  readonly section: SectionName | null;
}

function samePieces(a: readonly Piece[], b: readonly Piece[]): boolean {
  const moved = (b[0]?.from ?? 0) - (a[0]?.from ?? 0);
  return a.length === b.length && a.every((piece, at) => piece.blocks === b[at]?.blocks && piece.from + moved === b[at].from && piece.to + moved === b[at].to);
}

function readContent(lines: Lines, draft: Draft): Content {
  const own = lines.slice(draft.line, draft.end);
  const blocks = joinPieces(draft.pieces.map((piece) => ({ ...piece, from: piece.from - draft.line })));
  return { parts: readStepParts(own, blocks.filter((block) => block.start.line > 0 && block.start.line < own.length)), body: bodyOf(own.slice(1)) };
}

/** Verbatim, without the blank lines around it. */
export function bodyOf(lines: Lines): string {
  let from = 0;
  let to = lines.length;
  while (from < to && (lines[from] ?? '').trim() === '') from++;
  while (to > from && (lines[to - 1] ?? '').trim() === '') to--;
  return lines.slice(from, to).join('\n');
}

function place(lines: Lines, draft: Draft, { parts, body }: Content): FoundStep {
  const { n, title, line } = draft;
  return {
    step: {
      n,
      title,
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
      range: linesRange(lines, line, draft.end),
    },
    empty: parts.empty.map((range) => moveRange(range, line)),
    filled: parts.filled,
  };
}
