export { createPrograms, type ProgramsOptions, sentence } from './programs';
export type { Ended, GuestPrograms, ProgramRequest, ProgramResult, Programs, SupervisedRequest } from './types';
export { type Predecessors, type PredecessorsRequest, predecessorsGone } from './workers';
