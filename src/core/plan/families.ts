import { wordSet } from '../util/text';
import type { Candidate, StepHeading } from './headings';
import { splitMark, withMark } from './marks';
import type { SectionName } from './source';

/** A heading of the document, or a line of a paragraph that looks like a step heading. */
export interface Seen {
  /** Its first line; `end` is the line after its last. */
  readonly line: number;
  readonly end: number;
  /** Level 1 to 6; `LINE_DEPTH` for a line of a paragraph. */
  readonly depth: number;
  /** The step, when the line is exactly `## Step N: Title`. */
  readonly strict: StepHeading | null;
  /** What it counts, when it is not a strict step. */
  readonly candidate: Candidate | null;
  readonly section: SectionName | null;
  /** The text without heading marks. */
  readonly text: string;
}

export const LINE_DEPTH = 7;

/** A heading that begins a step. */
export interface Taken extends StepHeading {
  readonly seen: Seen;
  readonly phase?: string;
  /** The number in its heading, when the steps were renumbered. */
  readonly written?: number;
}

export interface Chosen {
  readonly steps: readonly Taken[];
  /** Headings of phases that contain steps. */
  readonly phases: ReadonlySet<Seen>;
}

/**
 * Chooses the headings that are the plan's steps. These are `## Step N: Title`; without any, the closest match:
 * headings that count steps or tasks, lines that do, numbered headings, phases without steps.
 */
export function chooseSteps(all: readonly Seen[]): Chosen {
  const strict = all.some((seen) => seen.strict !== null);
  const steps = all.filter(
    ({ depth, strict: exact, candidate }) => depth < LINE_DEPTH && (exact !== null || candidate?.kind === 'step'),
  );
  const taken = goOn(steps) ? steps : strict ? besideStrict(all) : (firstFamily(all) ?? []);
  return counted(all, new Set(taken));
}

/**
 * Whether headings of all levels share one count from 1. Then each of them is a step of the plan, and none is part of
 * another step.
 */
function goOn(steps: readonly Seen[]): boolean {
  return (
    steps.length > 0 &&
    steps.every(({ strict, candidate }, at) => candidate?.decimal !== true && (strict ?? candidate)?.n === at + 1)
  );
}

/**
 * In a strict plan, also takes headings of another word or level whose number is free, so that their content is not
 * lost.
 */
function besideStrict(all: readonly Seen[]): readonly Seen[] {
  const used = new Set(all.flatMap(({ strict }) => (strict === null ? [] : [strict.n])));
  const first = all.findIndex(({ strict }) => strict !== null);
  return all.filter(({ strict, candidate, depth }, at) => {
    if (strict !== null) return true;
    if (candidate?.kind !== 'step' || candidate.decimal || used.has(candidate.n)) return false;
    // A title such as "# Task 12" is not a step of its own plan.
    if (depth !== 2 && !(depth === 1 && candidate.plain && at > first)) return false;
    used.add(candidate.n);
    return true;
  });
}

function firstFamily(all: readonly Seen[]): readonly Seen[] | null {
  const headings = all.filter(({ depth }) => depth < LINE_DEPTH);
  const of = (kind: Candidate['kind']): readonly Seen[] => headings.filter(({ candidate }) => candidate?.kind === kind);
  const phases = of('phase');
  const lines = all.filter(({ depth, candidate }) => depth === LINE_DEPTH && candidate?.kind === 'step');
  const first = phases[0];
  const steps = outermost(of('step'));
  if (steps !== null && first !== undefined) return withNumbers(headings, steps, first.depth);
  return (
    steps ??
    (lines.length > 0 ? lines : null) ??
    (first === undefined
      ? numbered(of('number'))
      : outermost(of('number').filter((seen) => seen.depth > first.depth && isWork(seen)))) ??
    outermost(phases)
  );
}

/** Within phases, "### 1.2 Title" counts beside "### Step 1.1: Title". */
function withNumbers(headings: readonly Seen[], steps: readonly Seen[], phase: number): readonly Seen[] {
  const level = steps[0]?.depth ?? 0;
  const taken = new Set(steps);
  return level <= phase
    ? steps
    : headings.filter(
        (seen) => taken.has(seen) || (seen.depth === level && seen.candidate?.kind === 'number' && isWork(seen)),
      );
}

/**
 * Returns the outermost level with at least two headings, else the outermost that begins with 1. Deeper levels are
 * parts of a step.
 */
function outermost(found: readonly Seen[]): readonly Seen[] | null {
  const depths = [...new Set(found.map(({ depth }) => depth))].toSorted((a, b) => a - b);
  const levels = depths.map((depth) => found.filter((seen) => seen.depth === depth));
  return (
    levels.find((level) => level.length >= 2) ?? levels.find(([only]) => only?.candidate?.n === 1) ?? levels[0] ?? null
  );
}

/** Takes numbered headings as steps only when most of them name work, because many documents number their chapters. */
function numbered(found: readonly Seen[]): readonly Seen[] | null {
  const level = outermost(found) ?? [];
  const work = level.filter(isWork);
  return work.length >= 2 && work.length * 2 >= level.length ? work : null;
}

const CHAPTERS = wordSet(`
  overview introduction background context summary scope assumption assumptions risk risks note notes rollout
  rollback references appendix conclusion architecture design requirements steps tasks plan timeline questions
  dependencies motivation problem glossary non-goals out open alternatives estimate estimates deliverables milestones
  phases proposed current executive table success
`);

/** Whether a numbered heading names work rather than a chapter or a section. */
export function isWork({ candidate, section }: Seen): boolean {
  const first = candidate?.title.toLowerCase().split(/[\s:,&/]/u, 1)[0] ?? '';
  return candidate !== null && section === null && !CHAPTERS.has(first);
}

interface Step {
  readonly seen: Seen;
  readonly head: StepHeading;
  readonly phase: Seen | null;
}

function counted(all: readonly Seen[], taken: ReadonlySet<Seen>): Chosen {
  const steps: Step[] = [];
  let phase: Seen | null = null;
  for (const seen of all) {
    const head = seen.strict ?? seen.candidate;
    if (head !== null && taken.has(seen))
      steps.push({ seen, head, phase: phase !== null && phase.depth <= seen.depth ? phase : null });
    else if (seen.depth < LINE_DEPTH && seen.candidate?.kind === 'phase') phase = seen;
    else if (phase !== null && seen.depth <= phase.depth) phase = null;
  }
  const phases = new Set(steps.flatMap((step) => step.phase ?? []));
  const twice = new Set(steps.map(({ head }) => head.n)).size < steps.length;
  const through = (twice && phases.size > 0) || steps.some(({ seen }) => seen.candidate?.decimal === true);
  return { phases, steps: steps.map((step, at) => placed(step, through ? at + 1 : step.head.n)) };
}

function placed({ seen, phase, head: { n, title, mark } }: Step, number: number): Taken {
  return {
    n: number,
    ...withMark(title, mark),
    seen,
    ...(phase === null ? {} : { phase: phaseLabel(phase) }),
    ...(number === n ? {} : { written: n }),
  };
}

/** Returns the phase's heading without its state, such as "Phase 1: Foundations". */
const phaseLabel = ({ text }: Seen): string => splitMark(text.replace(/[*_`~]+/gu, '')).title;

/**
 * Chooses headings without a number that have a step's sections directly below: at least two headings with two sections
 * each, or one with three including acceptance criteria. They are numbered in order.
 */
export function chooseSectioned(all: readonly Seen[]): Chosen {
  const found = sectionsBelow(all);
  const two = [...found].filter(([, sections]) => sections.size >= 2).map(([seen]) => seen);
  const outer = Math.min(...two.map(({ depth }) => depth));
  const level = two.filter(({ depth }) => depth === outer);
  const [only] = level;
  const sections = only === undefined ? undefined : found.get(only);
  const whole =
    level.length >= 2 || (sections !== undefined && sections.size >= 3 && sections.has('acceptance criteria'));
  return {
    phases: new Set(),
    steps: whole ? level.map((seen, at) => ({ n: at + 1, ...splitMark(seen.text), seen })) : [],
  };
}

/** Maps each other heading to the sections directly below it, with no heading in between. */
export function sectionsBelow(all: readonly Seen[]): ReadonlyMap<Seen, ReadonlySet<SectionName>> {
  const found = new Map<Seen, Set<SectionName>>();
  const open: Seen[] = [];
  for (const seen of all) {
    if (seen.depth >= LINE_DEPTH) continue;
    while ((open.at(-1)?.depth ?? 0) >= seen.depth) open.pop();
    const above = open.at(-1);
    if (seen.section === null) open.push(seen);
    else if (above !== undefined) found.set(above, (found.get(above) ?? new Set()).add(seen.section));
  }
  return found;
}
