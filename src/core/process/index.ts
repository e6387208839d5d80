export { createPrograms, type ProgramsOptions, sentence } from './programs';
export type { Ended, GuestPrograms, ProgramRequest, ProgramResult, Programs, SupervisedRequest } from './types';
export { type Predecessors, predecessorsGone } from './workers';
