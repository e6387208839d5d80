import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { LockRecord } from '../../../../src/core/lock';

/** A `.weld` folder for one test, accessible to all users. */
export class WeldFolder {
  readonly outside = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-lock-'));
  readonly dir = path.join(this.outside, '.weld');
  readonly face = path.join(this.dir, 'active.lock');
  readonly claims = path.join(this.dir, 'lock');

  constructor() {
    fs.mkdirSync(this.dir);
    fs.chmodSync(this.outside, 0o755);
    fs.chmodSync(this.dir, 0o777);
  }

  /** The record in `active.lock`. */
  get record(): LockRecord {
    return JSON.parse(fs.readFileSync(this.face, 'utf8')) as LockRecord;
  }

  /** Rewrites the record in place, so under all names of the file. */
  edit(change: Record<string, unknown>): void {
    fs.writeFileSync(this.face, JSON.stringify({ ...this.record, ...change }, null, 2));
  }

  /** Writes a record of the command-line Weld. */
  legacy(pid: unknown, at = '2026-01-05T12:00:00.000000'): void {
    fs.writeFileSync(
      this.face,
      JSON.stringify({ pid, run_id: '20260105-120000-old', command: 'step loop', started_at: at, last_heartbeat: at }),
    );
  }

  /** Writes a face without claims; its holder is gone. */
  orphan(epoch: number): void {
    fs.writeFileSync(
      this.face,
      JSON.stringify({
        pid: 4_194_304,
        run_id: 'r',
        command: 'c',
        started_at: 's',
        last_heartbeat: 's',
        token: 'lost',
        epoch,
      }),
    );
  }

  /** Sets the time of a file's last change. @param ageMs its age; negative: in the future */
  age(ageMs: number, file = this.face): void {
    const at = new Date(Date.now() - ageMs);
    fs.lutimesSync(file, at, at);
  }

  /** All files with content or target, to see that nothing was changed. */
  snapshot(folder = this.outside): Record<string, string> {
    const all: Record<string, string> = {};
    for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = path.join(folder, name);
      const stat = fs.lstatSync(file);
      all[name] = stat.isSymbolicLink()
        ? `-> ${fs.readlinkSync(file)}`
        : stat.isFile()
          ? stat.size > 1e6
            ? `${stat.size} bytes`
            : fs.readFileSync(file, 'utf8')
          : stat.isDirectory()
            ? 'folder'
            : 'other';
    }
    return all;
  }

  remove(): void {
    fs.rmSync(this.outside, { recursive: true, force: true });
  }
}
