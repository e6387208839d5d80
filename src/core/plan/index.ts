export { strictStep } from './headings';
export { strictHeading } from './marks';
export { normalisePlan } from './normalise';
export { PlanParser, parsePlan } from './parse';
export { extractRevisedPlan } from './revised';
export { SpecFiles, topWithRuns } from './specFiles';
export type { Plan, PlanItem, PlanSection, PlanStep, PlanWarning, PlanWarningCode, Range, SectionName } from './types';
