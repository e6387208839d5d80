export { strictStep } from './headings';
export { strictHeading } from './marks';
export { normalisePlan, PlanParser, parsePlan } from './parsePlan';
export type { Range } from './planText';
export { extractRevisedPlan } from './revised';
export type { Plan, PlanItem, PlanSection, PlanStep, PlanWarning, PlanWarningCode, SectionName } from './source';
export { SpecFiles, topWithRuns } from './specFiles';
