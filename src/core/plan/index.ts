export { parsePlan, PlanParser } from './parse';
export { normalisePlan } from './normalise';
export { extractRevisedPlan } from './revised';
export { strictStep } from './headings';
export { strictHeading } from './marks';
export { SpecFiles, topWithRuns } from './specFiles';
export type { Plan, PlanItem, PlanSection, PlanStep, PlanWarning, PlanWarningCode, Range, SectionName } from './types';
