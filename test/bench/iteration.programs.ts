import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClaudeAgent } from '../../src/core/agents/claude';
import { acquireRunLock } from '../../src/core/lock';
import { supervisionOf } from '../../src/core/process/supervision';
import type { Project } from '../../src/core/project';
import { median } from './median';

const SAMPLES = 9;

/** Growth of resident memory, in bytes, while an agent program streams 200 MB of events, and 20 MB. */
export async function streaming(project: Project): Promise<{ small: number; large: number }> {
  const lock = await acquireRunLock(project.paths.root, { runId: 'bench', command: 'bench' });
  const exec = path.join(os.tmpdir(), `bench-agent-${process.pid}`);
  fs.writeFileSync(exec, STREAMER, { mode: 0o755 });
  const highest = async (bytes: number): Promise<number> => {
    let most = 0;
    let told = 0;
    const agent = createClaudeAgent({ programs: project.programs }, { exec, model: String(bytes) });
    const before = process.memoryUsage().rss;
    const result = await agent.run({
      task: 'implementation',
      attempt: 1,
      prompt: 'x',
      cwd: project.top,
      lock,
      guest: { supervise: (started) => supervisionOf(project.programs).supervise({ ...started, lock }) },
      access: 'edit',
      timeoutMs: 600_000,
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.kind === 'text') told += event.text.length;
        most = Math.max(most, process.memoryUsage.rss() - before);
      },
    });
    if (!result.ok || told < bytes * 0.8)
      throw new Error(`the agent ended with ${JSON.stringify(result).slice(0, 300)} after ${told} characters`);
    return most;
  };
  try {
    await highest(20e6); // lets the heap reach its size
    return { small: await highest(20e6), large: await highest(200e6) };
  } finally {
    fs.rmSync(exec);
    await lock.release();
  }
}

/** An agent program that streams text in events of 16 KB; the argument of `--model` is the number of bytes. */
const STREAMER = `#!/usr/bin/env node
const fs = require('node:fs');
const print = (line) => {
  for (let at = 0, all = Buffer.from(line + '\\n'); at < all.length;) {
    try { at += fs.writeSync(1, all, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
  }
};
const text = 'The quick brown fox. '.repeat(780);
print(JSON.stringify({ type: 'system', subtype: 'init', session_id: 's', model: 'm' }));
for (let left = Number(process.argv[process.argv.indexOf('--model') + 1]); left > 0; left -= text.length)
  print(JSON.stringify({ type: 'stream_event', parent_tool_use_id: null,
    event: { type: 'content_block_delta', delta: { type: 'text_delta', text } } }));
print(JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: 'Done.', session_id: 's',
  total_cost_usd: 0, usage: {} }));
`;

/** The time that a guest is at work, in ms: meanwhile the next supervisor starts. */
const GUEST_MS = 500;

/** Time of programs that do nothing: started directly, supervised, and supervised with none waiting. In ms. */
export async function supervising(project: Project): Promise<Record<'direct' | 'supervised' | 'first', number>> {
  const lock = await acquireRunLock(project.paths.root, { runId: 'bench', command: 'bench' });
  const request = { file: 'true', args: [], cwd: project.top, timeoutMs: 60_000 };
  const supervision = supervisionOf(project.programs);
  const timed = async (start: () => Promise<unknown>): Promise<number> => {
    const begun = performance.now();
    await start();
    return performance.now() - begun;
  };
  const direct: number[] = [];
  const supervised: number[] = [];
  const first: number[] = [];
  for (let i = 0; i < SAMPLES; i++) first.push(await timed(() => supervision.supervise({ ...request, lock })));
  {
    const newer: Partial<typeof supervision> = supervision; // an earlier build keeps none waiting
    using _spare = newer.keepSpare?.(lock) ?? null;
    newer.prepare?.(lock);
    for (let i = 0; i < SAMPLES; i++) {
      await sleep(GUEST_MS);
      direct.push(await timed(() => project.programs.run(request)));
      supervised.push(await timed(() => supervision.supervise({ ...request, lock })));
    }
  }
  await lock.release();
  return { direct: median(direct), supervised: median(supervised), first: median(first) };
}
