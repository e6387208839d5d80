export { runChecks } from './run';
export { type CheckCommand, checkCommands } from './words';
