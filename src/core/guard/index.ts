export type { Guarded, GuardReport, Guest, GuestRequest, Guests, GuestWork } from '../process/ports';
export type { GuardedOperation } from '../project';
export { isKept, recoverKept } from './custody';
export { guestsOf, runGuarded } from './guarded';
export { preventionFor } from './prevention';
