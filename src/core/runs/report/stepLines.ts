import type { Issue } from '../../artifacts/schemas';
import { interruptedWords } from '../../steps/state/states';
import { counted, listed } from '../../util/text';
import { effort, shown, table } from './parts';
import type { ReportedIteration, ReportedStep } from './reportedSteps';

/** Maximum number of files named for an iteration. */
const MOST_FILES = 12;
/** Maximum number of issues listed for an iteration. */
const MOST_ISSUES = 30;

/** The section of a step: its state, a table of its iterations, and what was found, waived and accepted. */
export function stepLines({ step, iterations, skipped }: ReportedStep): string[] {
  const state = `State: ${step.state}${step.why === null ? '' : ` (${shown(step.why)})`}.`;
  return [
    skipped === null || skipped === '' ? state : `${state} Reason: ${shown(skipped)}`,
    ...(iterations.length === 0
      ? []
      : [
          '',
          ...table(
            ['Iteration', 'Result', 'Changed', 'Checks', 'Issues', 'Agents', 'Time', 'Tokens', 'Cost'],
            iterations.map(row),
          ),
        ]),
    ...withSpace(iterations.flatMap(notes)),
  ];
}

const withSpace = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', ...lines]);

function row(iteration: ReportedIteration): string[] {
  const { state } = iteration;
  return [
    String(state.n),
    result(iteration),
    files(iteration),
    checks(iteration),
    issues(iteration),
    agents(iteration),
    ...effort([state.timing]),
  ];
}

/** The agents that were asked, each with its model: "claude (opus), codex". */
function agents({ state }: ReportedIteration): string {
  const names = (state.timing?.calls ?? []).map(({ agent, model }) =>
    typeof model === 'string' ? `${shown(agent)} (${shown(model)})` : shown(agent),
  );
  return names.length === 0 ? '–' : listed([...new Set(names)]);
}

function result({ state }: ReportedIteration): string {
  if (state.state === 'unfinished') return interruptedWords(state);
  return state.why === null ? state.state : `${state.state}: ${shown(state.why)}`;
}

function files({ changed }: ReportedIteration): string {
  if (changed === null) return '–';
  if (changed.length === 0) return 'nothing';
  return listed(
    changed.map(({ path, how }) => `${shown(path, 300)}${how === 'modified' ? '' : ` (${how})`}`),
    MOST_FILES,
  );
}

function checks({ checks: all }: ReportedIteration): string {
  const words = all.map(
    ({ name, passed, flaky }) => `${shown(name)} ${passed ? 'passed' : 'failed'}${flaky ? ' (flaky)' : ''}`,
  );
  return words.length === 0 ? '–' : listed(words, MOST_FILES);
}

function issues({ state }: ReportedIteration): string {
  const { open, blocker, major, minor, waived } = state.issues;
  const kinds = Object.entries({ blocker, major, minor, waived }).filter(([, count]) => count > 0);
  return open === 0 && waived === 0 ? 'none' : kinds.map(([kind, count]) => `${count} ${kind}`).join(', ');
}

/** Issues, waivers and the acceptance of an iteration, as a list. */
function notes({ state, issues: all, waivedConditions }: ReportedIteration): string[] {
  const more = all.length - MOST_ISSUES;
  return [
    ...all.slice(0, MOST_ISSUES).map((issue) => `- Iteration ${state.n}: ${issueText(issue)}`),
    ...(more > 0 ? [`- Iteration ${state.n}: ${counted(more, 'more issue')}`] : []),
    ...waivedConditions.map(
      ({ condition, reason }) =>
        `- Iteration ${state.n}: waived what ${shown(condition)} found. Reason: ${shown(reason)}`,
    ),
    ...(state.accepted
      ? [`- Iteration ${state.n}: accepted (${shown(state.accepted.was)}). Reason: ${shown(state.accepted.reason)}`]
      : []),
  ];
}

function issueText({ severity, file, line, hint, maps_to: criterion, waived }: Issue): string {
  const place = file === '' ? '' : ` in ${shown(file, 300)}${typeof line === 'number' ? `, line ${line}` : ''}`;
  const about = typeof criterion === 'string' && criterion !== '' ? ` Criterion: ${shown(criterion)}.` : '';
  const reason = waived ? ` Waived. Reason: ${shown(waived.reason)}` : '';
  return `${severity}${place}: ${shown(hint)}${about}${reason}`;
}
