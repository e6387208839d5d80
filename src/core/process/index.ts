export type { Ended, GuestPrograms, ProgramRequest, ProgramResult, Programs, SupervisedRequest } from './ports';
export { createPrograms, type ProgramsOptions, sentence } from './programs';
export { type Predecessors, type PredecessorsRequest, predecessorsGone } from './workers';
