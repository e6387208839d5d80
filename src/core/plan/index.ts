export { parsePlan, PlanParser } from './parse';
export { normalisePlan } from './normalise';
export { extractRevisedPlan } from './revised';
export { nearlyStep, strictStep, type StepHeading } from './headings';
export { SpecFiles, topWithRuns } from './specFiles';
export type { Plan, PlanItem, PlanSection, PlanStep, PlanWarning, PlanWarningCode, Range, SectionName } from './types';
