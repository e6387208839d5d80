export { isKept, recoverKept } from './custody';
export { runGuarded } from './guarded';
export { guestsOf } from './port';
export { preventionFor } from './prevention';
export type { GuardedOperation, Guarded, GuardReport, Guest, GuestRequest, Guests, GuestWork } from './types';
