export { type CheckCommand, checkCommands } from './checkCommands';
export type { CheckProblem } from './problemsIn';
export { runChecks } from './runChecks';
