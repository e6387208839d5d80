export { type CheckCommand, checkCommands } from './words';
export { runChecks } from './run';
