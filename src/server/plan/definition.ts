import { pathToFileURL } from 'node:url';
import type { LocationLink, Position } from 'vscode-languageserver/node';
import { readText } from '../../core/artifacts/store';
import type { Plan } from '../../core/plan';
import type { RunView } from '../runView';
import { criterionAt, verdictOn } from './criteria';

/** From a criterion to the issues that map to it: where each stands in `issues.json`. */
export async function criterionIssues(plan: Plan, view: RunView, position: Position): Promise<LocationLink[]> {
  const criterion = criterionAt(plan.steps, position.line);
  const review = criterion === null ? undefined : view.reviews.get(criterion.step.n);
  if (criterion === null || review === undefined) return [];
  const speaking = verdictOn(criterion.text, review)?.issues ?? [];
  const text = (await readText(review.file).catch(() => null)) ?? '';
  const origin = criterion.step.acceptanceCriteria[criterion.index]?.range;
  const from = { hint: 0 };
  return review.issues.flatMap((issue) => {
    const at = text.indexOf(JSON.stringify(issue.hint), from.hint);
    if (at >= 0) from.hint = at + 1;
    if (!speaking.includes(issue)) return [];
    const line = at < 0 ? 0 : text.slice(0, at).split('\n').length - 1;
    const character = at < 0 ? 0 : at - (text.lastIndexOf('\n', at) + 1);
    const range = {
      start: { line, character },
      end: { line, character: character + (at < 0 ? 0 : JSON.stringify(issue.hint).length) },
    };
    return [
      {
        targetUri: pathToFileURL(review.file).href,
        targetRange: range,
        targetSelectionRange: range,
        ...(origin === undefined ? {} : { originSelectionRange: origin }),
      },
    ];
  });
}
