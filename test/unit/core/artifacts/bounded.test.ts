import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBounded, readBoundedNow } from '../../../../src/core/artifacts/bounded';
import { MetaSchema, mostBytesOf, SpecRefSchema } from '../../../../src/core/artifacts/schemas';
import { listFolders, readRecord, readText } from '../../../../src/core/artifacts/store';
import { SpecFiles } from '../../../../src/core/plan/specFiles';
import { temporaryFolder } from '../process/support';

const KINDS: Record<string, (file: string) => void> = {
  'a folder': (file) => {
    fs.mkdirSync(file);
  },
  'a link': (file) => {
    fs.symlinkSync('/etc/hostname', file);
  },
  'a link in a circle': (file) => {
    fs.symlinkSync(path.basename(file), file);
  },
  'a dangling link': (file) => {
    fs.symlinkSync('nowhere', file);
  },
  'a pipe': (file) => {
    spawnSync('mkfifo', [file]);
  },
  'a link to an endless device': (file) => {
    fs.symlinkSync('/dev/zero', file);
  },
  'a socket': (file) => {
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`,
      file,
    ]);
  },
  huge: (file) => {
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 6e9);
  },
  'half written': (file) => {
    fs.writeFileSync(file, '{"run_id": "x", ');
  },
  'of other fields': (file) => {
    fs.writeFileSync(file, '[1]');
  },
  'nested without end': (file) => {
    fs.writeFileSync(file, '['.repeat(900_000));
  },
  'no text': (file) => {
    fs.writeFileSync(file, Buffer.from([0xff, 0xfe, 0]));
  },
};
if (process.getuid?.() === 0)
  KINDS['an endless device'] = (file) => {
    spawnSync('mknod', [file, 'c', '1', '5']);
  };

describe.each(Object.keys(KINDS))('a record that is %s', (kind) => {
  test('is named with what to do, soon, and others are read', async () => {
    const folder = temporaryFolder();
    const [bad, good] = [path.join(folder, 'bad.json'), path.join(folder, 'good.json')];
    KINDS[kind]?.(bad);
    fs.writeFileSync(good, JSON.stringify({ absolute_path: '/a', sha256: '', size_bytes: 1 }));
    const begun = performance.now();
    const [first, second] = await Promise.allSettled([readRecord(bad, MetaSchema), readRecord(good, SpecRefSchema)]);
    expect(first).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'DAMAGED_FILE',
        message: expect.stringMatching(/bad\.json .*; restore it from a backup or remove it/u) as string,
      },
    });
    expect(second).toMatchObject({ status: 'fulfilled' });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

test.each(Object.keys(KINDS))(
  '%s is told the same at once as with a wait, whether links count or not',
  async (kind) => {
    const file = path.join(temporaryFolder(), 'file');
    KINDS[kind]?.(file);
    for (const follow of [false, true])
      for (const most of [10, 1_000_000]) {
        const [now, waited] = [readBoundedNow(file, { most, follow }), await readBounded(file, { most, follow })];
        // Compared as a whole: byte by byte takes half a minute.
        const told = (seen: typeof now): object =>
          seen.how === 'read' ? { ...seen, bytes: Buffer.from(seen.bytes).toString('latin1') } : seen;
        expect(told(now)).toEqual(told(waited));
        if (now.how === 'read') expect(now.bytes.length).toBeLessThanOrEqual(most);
      }
  },
);

test('what a guest puts in the place of a file between look and read keeps nobody waiting', () => {
  const file = path.join(temporaryFolder(), 'file');
  fs.writeFileSync(file, 'x');
  // Releases a reader that waits for the pipe after two seconds, so that the test can fail.
  const swapping = spawn(
    process.execPath,
    [
      '-e',
      `const fs = require('fs'), { execFileSync } = require('child_process'), [file] = process.argv.slice(1), pipe = file + '.pipe';
    execFileSync('mkfifo', [pipe]);
    for (let at = Date.now(); ; ) {
      fs.writeFileSync(file + '.new', 'x'); fs.renameSync(file + '.new', file); fs.linkSync(pipe, file + '.two'); fs.renameSync(file + '.two', file);
      if (Date.now() - at > 2000) { at = Date.now(); try { fs.closeSync(fs.openSync(pipe, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK)); } catch {} }
    }`,
      file,
    ],
    { stdio: 'ignore' },
  );
  const seen = new Set<string>();
  let longest = 0;
  try {
    const begun = performance.now();
    for (let reads = 0; (reads < 30_000 || !seen.has('special')) && performance.now() - begun < 20_000; reads++) {
      const before = performance.now();
      seen.add(readBoundedNow(file, { most: 10 }).how);
      longest = Math.max(longest, performance.now() - before);
    }
  } finally {
    swapping.kill('SIGKILL');
  }
  expect([...seen]).toEqual(expect.arrayContaining(['read', 'special']));
  expect(longest).toBeLessThan(1_000);
});

test('an unreadable record is named, as an ordinary user', () => {
  const folder = temporaryFolder();
  fs.chmodSync(folder, 0o755);
  const file = path.join(folder, 'meta.json');
  fs.writeFileSync(file, '{}', { mode: 0o600 });
  const code = `
    import { readText } from ${JSON.stringify(path.resolve('src/core/artifacts/store.ts'))};
    if (process.getuid?.() === 0) { process.setgid?.(65534); process.setuid?.(65534); }
    await readText(process.argv[2] ?? '').catch((error) => { console.log(error.code, error.message); });`;
  const script = path.join(folder, 'read.mts');
  fs.writeFileSync(script, code);
  const ran = spawnSync(process.execPath, [path.resolve('node_modules/tsx/dist/cli.mjs'), script, file], {
    encoding: 'utf8',
  });
  if (process.getuid?.() === 0)
    expect(ran.stdout, ran.stderr).toContain(`DAMAGED_FILE ${file} cannot be read: permission denied; restore it`);
});

test('a pipe with a writer does not keep us waiting', async () => {
  const file = path.join(temporaryFolder(), 'pipe');
  spawnSync('mkfifo', [file]);
  const handle = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  expect(await readBounded(file, { most: 100 })).toEqual({ how: 'special' });
  expect(await readBounded(file, { most: 100, follow: true })).toEqual({ how: 'special' });
  fs.closeSync(handle);
});

test('the limit is exact, also where a file tells a wrong size or grows while it is read', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a');
  fs.writeFileSync(file, 'x'.repeat(100));
  expect(await readBounded(file, { most: 100 })).toMatchObject({ how: 'read' });
  expect(await readBounded(file, { most: 99 })).toEqual({ how: 'large', size: 100 });
  expect(await readBounded('/proc/self/status', { most: 10 })).toMatchObject({ how: 'large' }); // its size is zero
  expect(await readBounded('/proc/self/status', { most: 1e6 })).toMatchObject({ how: 'read' });
  expect(await readBounded(path.join(folder, 'no'), { most: 1 })).toEqual({ how: 'missing' });
  expect(await readBounded(path.join(file, 'below'), { most: 1 })).toEqual({ how: 'missing' });
});

test('an abort ends it', async () => {
  await expect(readText(path.join(temporaryFolder(), 'a'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

test('a thousand at once are all read, a few at a time, and a bad one among them holds up none', async () => {
  const folder = temporaryFolder();
  const files = Array.from({ length: 1_000 }, (_, n) => path.join(folder, String(n)));
  for (const [n, file] of files.entries())
    if (n % 10 === 3) fs.mkdirSync(file);
    else fs.writeFileSync(file, String(n));
  const found = await Promise.all(files.map((file) => readBounded(file, { most: 10 })));
  for (const [n, each] of found.entries())
    expect(each).toEqual(n % 10 === 3 ? { how: 'folder' } : { how: 'read', bytes: Buffer.from(String(n)) });
});

test('forty runs with a huge reference to a specification cost no memory, and hide no other run', async () => {
  const top = temporaryFolder();
  const text = JSON.stringify({ absolute_path: '/spec.md', sha256: 'x', size_bytes: 1, more: 'y'.repeat(32e6) });
  for (let n = 10; n < 50; n++) {
    const inputs = path.join(top, '.weld/runs', `20260105-1200${n}-x`, 'inputs');
    fs.mkdirSync(inputs, { recursive: true });
    if (n === 10) fs.writeFileSync(path.join(inputs, 'spec.ref.json'), text);
    else
      fs.linkSync(
        path.join(top, '.weld/runs/20260105-120010-x/inputs/spec.ref.json'),
        path.join(inputs, 'spec.ref.json'),
      );
  }
  const good = path.join(top, '.weld/runs/20260105-120060-good/inputs');
  fs.mkdirSync(good, { recursive: true });
  fs.writeFileSync(
    path.join(good, 'spec.ref.json'),
    JSON.stringify({ absolute_path: '/good.md', sha256: 'x', size_bytes: 1 }),
  );
  const before = process.memoryUsage().rss;
  expect([...(await new SpecFiles().read(top))]).toEqual([['/good.md', '20260105-120060-good']]);
  expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  expect(mostBytesOf(SpecRefSchema)).toBe(65_536);
});

test('links among folders are no runs', async () => {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, 'a'));
  fs.symlinkSync('a', path.join(folder, 'b'));
  expect(await listFolders(folder)).toEqual(['a']);
});
