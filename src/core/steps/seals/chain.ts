import { type StepProgress, StepProgressSchema } from '../../artifacts/progress';
import { digestOf } from '../digest';
import type { IterationSeal, Outcome, PhaseSeal } from './schema';

export interface Entry {
  readonly phase: PhaseSeal['phase'];
  readonly at: string;
  readonly epoch: number;
  /** sha256 of each file as it was written, by name. */
  readonly digests: Readonly<Record<string, string>>;
  readonly progress: StepProgress;
  /** Left out: the iteration has none yet, or none any more. */
  readonly outcome?: Outcome | undefined;
}

/** An iteration's seal with one more phase in its chain. */
export function extended(before: IterationSeal | null, entry: Entry): IterationSeal {
  const chain = before?.chain ?? [];
  const outcome = entry.outcome ?? null;
  const progress = StepProgressSchema.parse(entry.progress); // as it will be read back
  const link = {
    phase: entry.phase,
    at: entry.at,
    epoch: entry.epoch,
    digests: { ...entry.digests },
    progress: digestOf(canonical(progress)),
    outcome: outcome && digestOf(canonical(outcome)),
    before: chain.at(-1)?.seal ?? null,
  };
  return { ...before, progress, chain: [...chain, { ...link, seal: sealOf(link) }], outcome };
}

/** A seal is never changed but replaced, and asked for many times in each iteration. */
const judged = new WeakMap<IterationSeal, boolean>();

/** Whether every link follows from the one before, and the last one seals what stands beside it. */
export function holds(seal: IterationSeal): boolean {
  const known = judged.get(seal);
  if (known !== undefined) return known;
  const found = follows(seal);
  judged.set(seal, found);
  return found;
}

function follows({ chain, progress, outcome }: IterationSeal): boolean {
  let before: string | null = null;
  for (const link of chain) {
    if (link.before !== before || link.seal !== sealOf(link)) return false;
    before = link.seal;
  }
  const last = chain.at(-1);
  if (!last) return !progress && !outcome;
  return (
    last.progress === digestOf(canonical(progress)) && last.outcome === (outcome ? digestOf(canonical(outcome)) : null)
  );
}

function sealOf({ phase, at, epoch, digests, progress, outcome, before }: Omit<PhaseSeal, 'seal'>): string {
  return digestOf(canonical({ phase, at, epoch, digests, progress, outcome, before }));
}

/** JSON in which the order of names says nothing. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isPlain(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
