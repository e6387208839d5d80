export { type CheckCommand, checkCommands } from './commands';
export { runChecks } from './run';
