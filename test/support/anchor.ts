// A fixed piece of work that suites are compared with: hashing, JSON, small files and starts of programs; a few CPU
// seconds.
import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'anchor-'));
const block = Buffer.alloc(8 * 1024 * 1024, 1);
const table = Array.from({ length: 20_000 }, (_, n) => ({ n, name: `row ${n}`, more: [n, n + 1] }));
for (let round = 0; round < 24; round++) {
  crypto.createHash('sha256').update(block).digest();
  JSON.parse(JSON.stringify(table));
  for (let file = 0; file < 100; file++) fs.writeFileSync(path.join(dir, `${file}`), String(round));
  for (let start = 0; start < 4; start++) spawnSync('git', ['--version']);
}
fs.rmSync(dir, { recursive: true });
