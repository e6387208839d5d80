import type { Sandbox } from '../ports';

/** Messages from the extension host to the supervisor. Closing the channel means `end`. */
export type ToSupervisor =
  | {
      readonly type: 'start';
      readonly file: string;
      readonly args: readonly string[];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      /** Set in the environment of everything the program starts. */
      readonly marker: string;
      readonly sandbox?: Sandbox;
    }
  | { readonly type: 'end'; readonly graceMs: number };

/** Messages from the supervisor: `exited` when the program itself has ended, `gone` when its process tree has. */
export type FromSupervisor =
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'exited'; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly type: 'gone'; readonly survivors: readonly number[] };
