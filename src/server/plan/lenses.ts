import type { CodeLens } from 'vscode-languageserver/node';
import { type LockRecord, type LockState, STEP_LOOP } from '../../core/lock/runLock';
import type { PlanStep } from '../../core/plan';
import type { StepState } from '../../core/steps/state/states';
import { open as openIssues } from '../../core/steps/verdict/issues';
import type { RunView } from '../runViews';
import { verdictOn } from './criteria';

/** Where the commands of the lenses act. */
export interface LensPlace {
  /** Absolute path of the repository. */
  readonly folder: string;
  readonly runId: string;
  /** Process id of the editor that started this server. */
  readonly hostPid: number | null;
}

/** Lenses above each step and each criterion of the current plan. */
export function planLenses(steps: readonly PlanStep[], view: RunView, place: LensPlace): readonly CodeLens[] {
  const seen = new Set<number>();
  return steps.flatMap((step) => {
    // Commands address a step by number, which means the first step with that number.
    if (seen.has(step.n)) return [];
    seen.add(step.n);
    return [...stepLenses(step, view, place), ...criterionLenses(step, view)];
  });
}

/** Lenses for an editor without the commands: status only, without icons. */
export function withoutCommands(lenses: readonly CodeLens[]): CodeLens[] {
  return lenses.flatMap(({ range, command }) => {
    const own = command?.command ?? '';
    if (command === undefined || (own !== '' && own !== OPENS_REVIEW)) return [];
    return [{ range, command: { title: command.title.replace(/^\$\([\w~-]+\)\s/u, ''), command: '' } }];
  });
}

/** Command of a click on a step's status. */
const OPENS_REVIEW = 'weld.step.openReview';

function stepLenses(step: PlanStep, view: RunView, place: LensPlace): readonly CodeLens[] {
  const { lock } = view;
  const state = view.steps.get(step.n);
  const lens: MakeLens = (title, command = '', more = {}) => {
    const target = { runId: place.runId, step: step.n, folder: place.folder, ...more };
    return { range: step.heading, command: { title, command, ...(command === '' ? {} : { arguments: [target] }) } };
  };
  if (lock.kind === 'held') {
    const working =
      lock.holder.run_id === place.runId && lock.holder.operation === STEP_LOOP && lock.holder.step === step.n;
    const status = statusLens(state, view.maxIterations, working);
    return [...lockLenses(lock, working, place.hostPid, lens), ...status.map(({ title }) => lens(title))];
  }
  const unfinished = state?.state === 'in-progress';
  const canSkip = !['passed', 'committed', 'skipped'].includes(state?.state ?? '');
  return [
    lens('Select', 'weld.step.select'),
    unfinished
      ? lens(iconed('debug-continue', 'Continue'), 'weld.step.loop', { resume: true })
      : lens(iconed('play', 'Run Loop'), 'weld.step.loop'),
    lens('Run Checks', 'weld.step.snapshot'),
    ...(canSkip ? [lens('Skip', 'weld.step.skip')] : []),
    ...statusLens(state, view.maxIterations, false).map(({ title, iteration }) =>
      iteration === null ? lens(title) : lens(title, OPENS_REVIEW, { iteration }),
    ),
  ];
}

/** Makes a lens of a step. Its command gets the step as argument, with `more` properties. */
type MakeLens = (title: string, command?: string, more?: object) => CodeLens;

/** Lenses while a command holds the lock. @param working whether that command is the loop of this step */
function lockLenses(
  { holder, where }: Extract<LockState, { kind: 'held' }>,
  working: boolean,
  hostPid: number | null,
  lens: MakeLens,
): readonly CodeLens[] {
  const ours = where === 'here' || (where === 'this-machine' && holder.pid === hostPid);
  if (!ours) return [lens(iconed('lock', `locked by ${holderWords(holder)}`))];
  return working
    ? [lens(iconed('sync~spin', 'running')), lens('Stop', 'weld.step.stop')]
    : [lens(iconed('lock', `${holder.command} is running`))];
}

/** Status of a step; `iteration` is the one whose review can be opened. @returns at most one */
function statusLens(
  state: StepState | undefined,
  maxIterations: number,
  working: boolean,
): readonly { readonly title: string; readonly iteration: number | null }[] {
  if (state === undefined) return [];
  const latest = state.iterations.at(-1);
  const words = working && state.state === 'in-progress' ? (latest?.phase ?? '') : statusWords(state);
  if (latest === undefined) return words === '' ? [] : [{ title: words, iteration: null }];
  const title = `iterations ${latest.n}/${Math.max(maxIterations, latest.n)}${words === '' ? '' : `, ${words}`}`;
  return [{ title, iteration: latest.artifacts.some(({ label }) => label === 'review') ? latest.n : null }];
}

/** Leaves out the age of the lock: a lens is drawn once, so an age would be wrong soon. */
const holderWords = (holder: LockRecord): string =>
  `${holder.command}, process ${holder.pid}${holder.host === undefined ? '' : ` on ${holder.host}`}`;

const STATUS: Readonly<Record<Exclude<StepState['state'], 'in-progress' | 'failed'>, string>> = {
  'not-selected': '',
  selected: 'selected',
  passed: 'passed',
  skipped: 'skipped',
  committed: 'committed',
  damaged: 'damaged',
  'passed-elsewhere': 'passed elsewhere',
  'changed-since': 'changed since it passed',
  'passed-by-0.1': 'passed by Weld 0.1',
};

/** Status of a step in two or three words; empty when it has not been selected. */
export function statusWords({ state, iterations }: StepState): string {
  const latest = iterations.at(-1);
  if (state === 'in-progress')
    return typeof latest?.phase === 'string' ? `stopped before ${latest.phase}` : 'not finished';
  return state === 'failed' ? failure(latest?.gate.find(({ ok }) => !ok)?.condition) : STATUS[state];
}

/** Names the failure of a step. @param condition the first condition of the gate that failed */
function failure(condition: string | undefined): string {
  switch (condition) {
    case 'diff_nonempty':
      return 'changed nothing';
    case 'checks_passed':
      return 'failed checks';
    case undefined:
      return 'failed';
    default:
      return 'failed review';
  }
}

function criterionLenses(step: PlanStep, view: RunView): readonly CodeLens[] {
  const review = view.reviews.get(step.n);
  if (review === undefined) return [];
  return step.acceptanceCriteria.flatMap((item): CodeLens[] => {
    const verdict = verdictOn(item.text, review);
    if (verdict === null || (verdict.issues.length === 0 && !verdict.met)) return [];
    const { issues } = verdict;
    const open = openIssues(issues);
    const first = open[0];
    const more = open.length > 1 ? ` (and ${open.length - 1} more)` : '';
    const [icon, words] =
      first !== undefined
        ? ['error', `${first.severity}: ${shorten(first.hint)}${more}`]
        : issues.length > 0
          ? ['circle-slash', 'waived']
          : ['pass', 'met'];
    return [
      { range: item.range, command: { title: iconed(icon, `${words}, iteration ${review.iteration}`), command: '' } },
    ];
  });
}

/** Uses a no-break space, because VS Code drops a plain space after an icon. */
const iconed = (icon: string, text: string): string => `$(${icon})\u00a0${text}`;

/** Maximum length of a hint in a lens, to fit half a window. In UTF-16 units; the hover shows all of it. */
const MAX_HINT = 60;

function shorten(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim().replace(/\.$/u, '');
  if (line.length <= MAX_HINT) return line;
  const space = line.lastIndexOf(' ', MAX_HINT);
  return `${line.slice(0, space > MAX_HINT / 2 ? space : MAX_HINT).replace(/(?<![\s,;:.])[\s,;:.]+$/u, '')} …`;
}
