import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { bundleSuite, runInside } from '../support/host/suite';
import { root } from '../support/paths';
import { mustRun } from '../support/run';
import { longPlan } from '../unit/core/plan/corpus';
import { LspClient } from '../unit/server/support/client';
import { bundleServer } from '../unit/server/support/workspace';
import { median } from './median';
import { coldRows } from './plan.cold';
import type { Row } from './report';

const WARM_UP = 30;
const KEYSTROKES = 200;
/** Number of windows opened to measure the start of the servers; odd, for a median. */
const WINDOWS = 5;
/** Lines per step of `longPlan`. */
const STEP_LINES = 20;

/**
 * Measures the language server over its protocol: from a keystroke, and from the server's start, to the diagnostics.
 */
export async function planRows(): Promise<readonly Row[]> {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-bench-'));
  try {
    await fs.mkdir(path.join(dir, 'w', '.git'), { recursive: true });
    const server = await bundleServer(dir);
    return [
      ...(await typing(server, path.join(dir, 'w'))),
      ...(await opening(server, path.join(dir, 'w'))),
      ...(await starting(dir)),
      ...(await coldRows(server, path.join(dir, 'w'), STEP_LINES)),
    ];
  } finally {
    await fs.rm(dir, { recursive: true, force: true });
  }
}

async function typing(server: string, top: string): Promise<readonly Row[]> {
  const text = longPlan(500);
  const client = new LspClient(server);
  await client.start(top);
  const uri = client.open(path.join(top, 'a.plan.md'), text);
  await client.diagnostics(uri, 1, () => true);
  const times: number[] = [];
  const library: number[] = [];
  for (let version = 2; version < 2 + WARM_UP + KEYSTROKES; version++) {
    // Keystrokes anywhere in the document; every tenth is Enter, which moves all following lines.
    const at = { line: STEP_LINES * ((version * 37) % 500) + 4, character: 0 };
    const begun = performance.now();
    client.change(uri, version, [{ range: { start: at, end: at }, text: version % 10 === 0 ? '\n' : 'x' }]);
    await client.diagnostics(uri, version);
    if (version >= 2 + WARM_UP) times.push(performance.now() - begun);
    if (version % 40 === 0) library.push(timed(() => fromMarkdown(text)));
  }
  await client.stop();
  const sorted = times.toSorted((a, b) => a - b);
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  return [
    {
      what: 'keystroke to diagnostics, 10,000 lines and 500 steps, median; against 30 ms',
      ours: median(times),
      reference: 30,
      unit: 'ms',
      limit: 1,
    },
    { what: 'the same, 95th percentile; against 80 ms', ours: p95, reference: 80, unit: 'ms', limit: 1 },
    {
      what: 'the same, median; against one plain parse by the Markdown library',
      ours: median(times),
      reference: median(library),
      unit: 'ms',
      limit: 1.5,
    },
  ];
}

/** Whether the cost grows no faster than the document: time per thousand lines, from one size to the next. */
async function opening(server: string, top: string): Promise<readonly Row[]> {
  const client = new LspClient(server);
  await client.start(top);
  const perThousand: { readonly lines: number; readonly open: number; readonly type: number }[] = [];
  let file = 0;
  for (const lines of [1_000, 10_000, 50_000]) {
    const opens: number[] = [];
    const types: number[] = [];
    const rounds = lines === 1_000 ? 15 : 3;
    for (let round = -1; round < rounds; round++) {
      const text = longPlan(lines / STEP_LINES);
      const begun = performance.now();
      const uri = client.open(path.join(top, `${file++}.plan.md`), text);
      await client.diagnostics(uri, 1, () => true);
      if (round >= 0) opens.push(performance.now() - begun);
      for (let version = 2; version < 12; version++) {
        const at = { line: STEP_LINES * version + 4, character: 0 };
        const typed = performance.now();
        client.change(uri, version, [{ range: { start: at, end: at }, text: 'x' }]);
        await client.diagnostics(uri, version);
        if (round >= 0) types.push(performance.now() - typed);
      }
      client.close(uri);
    }
    perThousand.push({ lines, open: (median(opens) / lines) * 1_000, type: (median(types) / lines) * 1_000 });
  }
  await client.stop();
  return perThousand.slice(1).flatMap((size, at) => {
    const before = perThousand[at];
    if (before === undefined) return [];
    const what =
      `${size.lines.toLocaleString('en')} lines against ${before.lines.toLocaleString('en')}, ` + 'per 1,000 lines';
    return [
      { what: `open to diagnostics, ${what}`, ours: size.open, reference: before.open, unit: 'ms', limit: 2 },
      { what: `keystroke to diagnostics, ${what}`, ours: size.type, reference: before.type, unit: 'ms', limit: 2 },
    ];
  });
}

/**
 * Both servers in the same window, with a new window per round: from opening a server's first document to its first
 * diagnostics.
 */
async function starting(dir: string): Promise<readonly Row[]> {
  await mustRun('npm', ['run', '--silent', 'build'], { cwd: root });
  const runner = await bundleSuite(['test/bench/languageStart.test.ts']);
  const result = path.join(dir, 'start.json');
  const seen: { readonly plan: number; readonly json: number }[] = [];
  for (let round = 0; round < WINDOWS; round++) {
    await runInside(runner, { WELD_BENCH_RESULT: result, WELD_BENCH_FIRST: round % 2 === 0 ? 'plan' : 'json' });
    seen.push(JSON.parse(await fs.readFile(result, 'utf8')) as { plan: number; json: number });
  }
  return [
    {
      what: 'open of the first document to diagnostics; against the JSON language server in the same window',
      ours: median(seen.map(({ plan }) => plan)),
      reference: median(seen.map(({ json }) => json)),
      unit: 'ms',
      limit: 1.5,
    },
  ];
}

function timed(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
