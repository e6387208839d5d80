export { isKept, recoverKept } from './custody';
export { runGuarded } from './guarded';
export { guestsOf } from './port';
export { preventionFor } from './prevention';
export type { GuardReport } from './report';
export type { GuardedOperation, Guarded, Guest, GuestRequest, Guests, GuestWork } from './types';
