import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Files below `.weld` that no guest may destroy: bytes by path, of another run, this run's plan, and the person's own
 * files.
 */
export type Snapshot = ReadonlyMap<string, string>;

export interface Found {
  /** Steps that the product calls passed, or commits made without force: must be empty, because the check fails. */
  readonly passes: readonly string[];
  /** Files that are missing or changed. */
  readonly lost: readonly string[];
  /** Pids of processes that a guest left running. */
  readonly left: readonly number[];
  /** Files outside of the repository that Weld itself wrote or removed through a link. */
  readonly escaped: readonly string[];
  readonly victimAlive: boolean;
  /** The product's messages, to explain a failure. */
  readonly said: readonly string[];
  /** Why the run can no longer be read; null if it can. */
  readonly unreadable: string | null;
}

interface Seen {
  readonly states: readonly string[];
  readonly unreadable: string | null;
  readonly committedWithoutForce: string | null;
  /** A person committed anyway, so that hooks ran. */
  readonly forced: boolean;
  readonly said: readonly string[];
  readonly mark: string;
  readonly victim: { readonly pid: number };
  readonly outside: string;
}

interface FixtureRepo {
  readonly top: string;
  readonly run: string;
  readonly paths: { readonly root: string };
}

/** Files of the tests are small; a huge file of a guest is represented by its size. */
const text = (file: string): string =>
  fs.statSync(file).size > 16 * 2 ** 20 ? `[${fs.statSync(file).size} bytes]` : fs.readFileSync(file, 'latin1');

function contents(root: string, wanted: (name: string) => boolean): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (dir: string): void => {
    for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
      const file = path.join(dir, entry.name);
      const name = path.relative(root, file);
      if (entry.isDirectory()) walk(file);
      else if (wanted(name))
        found.set(name, entry.isFile() ? text(file) : `[${entry.isFIFO() ? 'pipe' : 'not a file'}]`);
    }
  };
  walk(root);
  return found;
}

/** Processes whose command line contains the mark, except this one. */
function marked(mark: string): number[] {
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      try {
        return (
          fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark) &&
          !/^\d+ \(.*\) Z/u.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
        );
      } catch {
        return false;
      }
    });
}

/** Judges only by files and processes, and shares no code with the product. */
export const judgeFrom = {
  snapshot(fixtureRepo: FixtureRepo, other: string): Snapshot {
    const kept = (name: string): boolean =>
      name.startsWith(path.join('runs', other)) ||
      name === 'notes.md' ||
      name.startsWith('prompts') ||
      name === path.join('runs', fixtureRepo.run, 'plan', 'plan.raw.md');
    return contents(fixtureRepo.paths.root, kept);
  },

  outside(fixtureRepo: FixtureRepo, before: Snapshot, seen: Seen): Found {
    const now = fs.existsSync(fixtureRepo.paths.root)
      ? contents(fixtureRepo.paths.root, () => true)
      : new Map<string, string>();
    return {
      passes: [
        ...seen.states.filter((state) => (seen.forced ? /passed$/u : /passed$|committed$/u).test(state)),
        ...(seen.committedWithoutForce === null ? [] : [`commit ${seen.committedWithoutForce}`]),
      ],
      lost: [...before].filter(([name, text]) => now.get(name) !== text).map(([name]) => name),
      left: marked(seen.mark),
      escaped:
        fs.readdirSync(seen.outside).join() === 'precious.txt' &&
        fs.readFileSync(path.join(seen.outside, 'precious.txt'), 'utf8') === 'precious\n'
          ? []
          : fs.readdirSync(seen.outside),
      victimAlive: fs.existsSync(`/proc/${seen.victim.pid}`),
      said: seen.said,
      unreadable: seen.unreadable,
    };
  },

  endMarked(mark: string): void {
    for (const pid of marked(mark)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has already ended.
      }
    }
  },

  remove(dir: string): void {
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  },
};
