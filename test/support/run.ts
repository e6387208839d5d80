import { type SpawnOptions, spawn } from 'node:child_process';
import { pace } from './pace';

export interface Ran {
  /** -1 if a signal ended the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Also prints the output as it arrives. */
  readonly show?: boolean;
  /** Kills the program after this time, in ms. */
  readonly timeoutMs?: number;
}

/** Runs a program without a shell, with empty standard input. Rejects only if it cannot be started. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const settings: SpawnOptions = {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    };
    const child = spawn(file, args, settings);
    const kept = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        kept[stream] += text;
        if (options.show) process[stream].write(text);
      });
    const limit =
      options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve({ code: code ?? -1, ...kept });
    });
  });
}

/** Like `run`, for programs that must succeed. @returns standard output @throws with the end of its output otherwise */
export async function mustRun(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await run(file, args, options);
  if (ran.code !== 0)
    throw new Error(`${file} ${args.join(' ')} ended with ${ran.code}:\n${(ran.stdout + ran.stderr).slice(-4000)}`);
  return ran.stdout;
}

/** Polls until `look` returns something, for at most `withinMs`. @throws with the name of the awaited thing */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  withinMs = 15_000,
  everyMs = pace.pollMs,
): Promise<T> {
  for (const end = Date.now() + withinMs; ; ) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain for: ${what}`);
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
}
