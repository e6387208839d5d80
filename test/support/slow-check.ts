import * as fs from 'node:fs';
import * as path from 'node:path';
import { pidOutside } from './processes';

/** A check that starts a child and a grandchild and ends only on request; the child ignores SIGTERM. */
const SOURCE = `import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
const [dir, depth = '0'] = process.argv.slice(2);
fs.writeFileSync(dir + '/pid-' + depth, String(process.pid));
if (depth !== '0') process.on('SIGTERM', () => {});
if (depth !== '2') spawn(process.execPath, [process.argv[1], dir, String(Number(depth) + 1)], {
  stdio: 'ignore',
  detached: depth === '1',
});
const lock = '.weld/active.lock';
const token = fs.existsSync(lock) ? JSON.parse(fs.readFileSync(lock, 'utf8')).token : 'none';
fs.appendFileSync(dir + '/seen', token + '\\n');
setInterval(() => { if (fs.existsSync(dir + '/go')) process.exit(0); }, 50);
`;

export class SlowCheck {
  readonly #script: string;
  /** By the name of the file in which each reported itself; kept after it has ended. */
  readonly #known = new Map<string, number>();

  /** @param dir a folder outside the repository */
  constructor(readonly dir: string) {
    fs.mkdirSync(dir, { recursive: true });
    this.#script = path.join(dir, 'check.mjs');
    fs.writeFileSync(this.#script, SOURCE);
  }
  get command(): string {
    return `node ${this.#script} ${this.dir}`;
  }
  /** The processes started so far: the check, its child, and its grandchild in its own group. */
  pids(): number[] {
    for (const name of fs.readdirSync(this.dir).filter((each) => each.startsWith('pid-') && !this.#known.has(each))) {
      const pid = pidOutside(Number(fs.readFileSync(path.join(this.dir, name), 'utf8')), this.#script);
      if (pid !== undefined) this.#known.set(name, pid);
    }
    return [...this.#known.values()];
  }
  /** Counts from zero again, after its processes have ended. */
  forget(): void {
    this.#known.clear();
    for (const name of fs.readdirSync(this.dir)) if (name.startsWith('pid-')) fs.rmSync(path.join(this.dir, name));
  }
  /** Makes it wait again, and counts from zero. */
  hold(): void {
    fs.rmSync(path.join(this.dir, 'go'), { force: true });
    this.forget();
  }
  get running(): boolean {
    return this.pids().length === 3;
  }
  /** Makes it pass, now and later. */
  finish(): void {
    fs.writeFileSync(path.join(this.dir, 'go'), '');
  }
}
