export { type CheckCommand, checkCommands } from './checkCommands';
export { runChecks } from './runChecks';
