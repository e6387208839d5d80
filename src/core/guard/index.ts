export { isKept, recoverKept } from './custody';
export { runGuarded } from './guarded';
export { guestsOf } from './port';
export { preventionFor } from './prevention';
export type { GuardReport } from './report';
export type { Guarded, GuardedOperation, Guest, GuestRequest, Guests, GuestWork } from './types';
