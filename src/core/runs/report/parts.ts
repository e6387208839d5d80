import type { Call } from '../../artifacts/callSchemas';
import { WeldPaths } from '../../artifacts/paths';
import type { Timing } from '../../artifacts/schemas';
import { isOid } from '../../git/oid';
import { Redactor } from '../../redact';
import type { StepState } from '../../steps/state/states';
import { duration } from '../../util/duration';
import { markdownText } from '../../util/markdownText';
import { plural } from '../../util/text';
import type { RunDetails } from '../listRuns';

/** Pieces of Markdown that the summary and the report of a run share. All texts of others go through `shown`. */

const redactor = new Redactor(process.env);

/** Any text as one line of plain Markdown, without secrets. @param most maximum length in characters */
export function shown(text: string, most?: number): string {
  return markdownText(redactor.clean(text), most);
}

/** A git object id as code. A damaged record may hold any other text. */
export const shownId = (id: string): string => (isOid(id) ? `\`${id}\`` : shown(id));

/** A table. @param rows cells that are Markdown already */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), `|${header.map(() => '---|').join('')}`, ...rows.map(line)];
}

/** How the run began, and what its plan is. */
export function beginning({ meta, plan, stale }: RunDetails): string[] {
  const head = meta.head_sha === '' ? '' : ` at ${shownId(meta.head_sha)}`;
  return [
    `- Started: ${shown(meta.created_at)} on ${shown(meta.branch)}${head}`,
    `- Plan: version ${meta.plan_version}${plan?.reviewed ? ', reviewed' : ''}`,
    ...stale.map(({ why }) => `- ${shown(why)}`),
  ];
}

/** The list of commits, with the steps of each. */
export function commitLines({ meta }: RunDetails): string[] {
  const lines = meta.commits.map(({ sha, steps, committed_at: at }) => {
    const what = steps.length > 0 ? `: ${plural('step', steps.length)} ${steps.join(', ')}` : '';
    return `- ${shownId(sha)}${what} (${shown(at)})`;
  });
  return lines.length > 0 ? lines : ['None yet.'];
}

/** What an iteration or a call took. */
export type Spent = Pick<Timing, 'total_ms' | 'tokens' | 'cost_usd'>;

/** Time, tokens and cost of some iterations: as cells, "–" for what the agents did not tell. */
export function effort(timings: readonly (Spent | null)[]): readonly [time: string, tokens: string, cost: string] {
  const known = timings.filter((timing) => timing !== null);
  const sum = (values: readonly (number | null | undefined)[]): number | null => {
    const told = values.filter((value) => typeof value === 'number');
    return told.length === 0 ? null : told.reduce((total, value) => total + value, 0);
  };
  const time = sum(known.map(({ total_ms: ms }) => ms));
  const tokens = sum(known.map((timing) => timing.tokens));
  const cost = sum(known.map(({ cost_usd: usd }) => usd));
  return [
    time === null ? '–' : duration(time),
    tokens === null ? '–' : String(tokens),
    cost === null ? '–' : `US\\$${cost.toFixed(2)}`,
  ];
}

/** The timings of all iterations of some steps. */
export const timingsOf = (steps: readonly StepState[]): (Timing | null)[] =>
  steps.flatMap(({ iterations }) => iterations.map(({ timing }) => timing));

/** What a call took, in the words of an iteration. */
export function spentBy({ ms = 0, tokens_in: input, tokens_out: output, cost_usd: cost }: Call): Spent {
  const told = typeof input === 'number' || typeof output === 'number';
  return { total_ms: ms, tokens: told ? (input ?? 0) + (output ?? 0) : null, cost_usd: cost };
}

/** A path as people know it: relative to the repository if it is inside, else the file's name alone. */
export function specName(top: string, absolute: string): string {
  const relative = new WeldPaths(top).relative(absolute);
  return shown(relative.startsWith('../') ? (absolute.split(/[/\\]/u).at(-1) ?? '') : relative, 300);
}
