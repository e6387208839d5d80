import type { Sandbox } from '../ports';

/** What the extension host tells the supervisor. Closing the channel means `end`. */
export type ToSupervisor =
  | {
      readonly type: 'start';
      readonly file: string;
      readonly args: readonly string[];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      /** Found in the environment of everything the program starts. */
      readonly marker: string;
      readonly sandbox?: Sandbox;
    }
  | { readonly type: 'end'; readonly graceMs: number };

/** What the supervisor tells: `exited` once the program itself has ended, `gone` once its whole tree has. */
export type FromSupervisor =
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'exited'; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly type: 'gone'; readonly survivors: readonly number[] };
