import { type DocumentSymbol, type FoldingRange, FoldingRangeKind, SymbolKind } from 'vscode-languageserver/node';
import type { Plan, PlanItem, PlanSection, PlanStep } from '../../core/plan';
import { titleOf } from './skeletons';

/** Outline of a plan: step → section → item. */
export function planOutline(plan: Plan): DocumentSymbol[] {
  return plan.steps.map(stepSymbol);
}

function stepSymbol(step: PlanStep): DocumentSymbol {
  return {
    name: `Step ${step.n}: ${step.title}`,
    ...(step.phase === undefined ? {} : { detail: step.phase }),
    kind: SymbolKind.Module,
    range: step.range,
    selectionRange: step.heading,
    children: step.sections.map(sectionSymbol),
  };
}

function sectionSymbol(section: PlanSection): DocumentSymbol {
  return {
    name: titleOf(section.name),
    detail: section.items.length > 1 ? String(section.items.length) : '',
    kind: SymbolKind.Field,
    range: section.range,
    selectionRange: section.heading,
    children: section.items.filter((item) => inside(item, section)).map(itemSymbol),
  };
}

const itemSymbol = (item: PlanItem): DocumentSymbol => ({
  name: item.text.length > 120 ? `${item.text.slice(0, 119)}…` : item.text,
  kind: SymbolKind.String,
  range: item.range,
  selectionRange: item.range,
});

/** The protocol requires that a parent contains its children. */
const inside = (item: PlanItem, section: PlanSection): boolean =>
  item.range.end.line <= section.range.end.line && item.range.start.line >= section.range.start.line;

/** One fold per step and section that has more than one line. */
export function planFolds(plan: Plan): FoldingRange[] {
  return plan.steps
    .flatMap((step) => [step.range, ...step.sections.map(({ range }) => range)])
    .filter((range) => range.end.line > range.start.line)
    .map((range) => ({ startLine: range.start.line, endLine: range.end.line, kind: FoldingRangeKind.Region }));
}
