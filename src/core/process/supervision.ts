import type { ProgramResult, Programs, SupervisedRequest } from './ports';

/** How guests are started; only the guard imports this, so that whatever starts one stands under it. */
export interface Supervision {
  supervise(request: SupervisedRequest): Promise<ProgramResult>;
  /** Absolute path of the bundled supervisor. */
  readonly supervisorPath: string;
}

const SUPERVISION: unique symbol = Symbol('supervision');

/** @returns programs that carry their own supervision, out of every other module's reach */
export function withSupervision(programs: Programs, supervision: Supervision): Programs {
  return Object.assign(programs, { [SUPERVISION]: supervision });
}

/** @throws when they were not made by `createPrograms` */
export function supervisionOf(programs: Programs): Supervision {
  const own = programs as Programs & { readonly [SUPERVISION]?: Supervision };
  const found = own[SUPERVISION];
  if (!found) throw new Error('these programs have no supervisor');
  return found;
}
