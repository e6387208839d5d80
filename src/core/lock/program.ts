import type { LockFs } from './fs';

/** One file call that a program yields. */
export interface FileCall {
  readonly call: keyof LockFs;
  readonly args: readonly unknown[];
}

/**
 * A part of the protocol. It yields each file call instead of making it, so that the same code runs straight through on
 * a disk, and in the simulation interleaved with others or stopped for ever at any call.
 */
export type Program<T> = Generator<FileCall, T, unknown>;

type Ask = { readonly [K in keyof LockFs]: (...args: Parameters<LockFs[K]>) => Program<ReturnType<LockFs[K]>> };

function ask<K extends keyof LockFs>(call: K): (...args: Parameters<LockFs[K]>) => Program<ReturnType<LockFs[K]>> {
  // Two named arguments, because rest and spread parameters cost as much as the call itself.
  const asked = function* (a: unknown, b: unknown): Program<unknown> {
    return yield { call, args: [a, b] };
  };
  return asked as (...args: Parameters<LockFs[K]>) => Program<ReturnType<LockFs[K]>>;
}

/** The file calls in the form that programs use: `yield* io.link(a, b)`. */
export const io: Ask = {
  openRead: ask('openRead'),
  createNew: ask('createNew'),
  close: ask('close'),
  read: ask('read'),
  write: ask('write'),
  lengthen: ask('lengthen'),
  fstat: ask('fstat'),
  lstat: ask('lstat'),
  is: ask('is'),
  exists: ask('exists'),
  link: ask('link'),
  rename: ask('rename'),
  unlink: ask('unlink'),
  list: ask('list'),
  highestClaim: ask('highestClaim'),
  mkdir: ask('mkdir'),
};

/** Makes one file call on a file system. */
export function perform(fs: LockFs, { call, args }: FileCall): unknown {
  return (fs[call] as (a: unknown, b: unknown) => unknown)(args[0], args[1]);
}

/** Runs a program to its end without giving up the thread. @throws what the program throws */
export function runNow<T>(fs: LockFs, program: Program<T>): T {
  let next = program.next();
  while (!next.done) {
    let result: unknown;
    try {
      result = perform(fs, next.value);
    } catch (error) {
      next = program.throw(error);
      continue;
    }
    next = program.next(result);
  }
  return next.value;
}
