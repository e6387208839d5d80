export type { Guarded, GuardReport, Guest, GuestRequest, Guests, GuestWork } from '../process/ports';
export type { GuardedOperation } from '../project';
export { guestsOf, runGuarded } from './guarded';
export { keepSpare } from './launcher';
export { isKept, recoverKept } from './noticed';
export { preventionFor } from './prevention';
