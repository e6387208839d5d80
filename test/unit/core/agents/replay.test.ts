import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent, AgentRequest, AgentResult } from '../../../../src/core/agents/agent';
import { RecordingSchema, replayAgent } from '../../../../src/core/agents/replay';
import type { RunLock } from '../../../../src/core/lock/runLock';
import type { GuestPrograms } from '../../../../src/core/process/ports';

let home = '';
let top = '';
let file = '';
beforeEach(async () => {
  home = await fs.mkdtemp(path.join(os.tmpdir(), 'wr-'));
  top = path.join(home, 'repository');
  file = path.join(home, 'recording.json');
  await fs.mkdir(path.join(top, '.git'), { recursive: true });
  await fs.mkdir(path.join(top, '.weld'));
});
afterEach(() => fs.rm(home, { recursive: true, force: true }));

function request(more: Partial<AgentRequest> = {}): AgentRequest {
  return {
    task: 'implementation',
    step: 1,
    attempt: 1,
    prompt: '',
    cwd: top,
    lock: {} as RunLock,
    guest: {} as GuestPrograms,
    access: 'edit',
    timeoutMs: 1000,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    ...more,
  };
}

async function play(answers: unknown, more: Partial<AgentRequest> = {}): Promise<AgentResult> {
  await fs.writeFile(file, JSON.stringify({ version: 1, answers }));
  return replayAgent(file).run(request(more));
}

describe('the replay agent', () => {
  it('gives the answer of task, step and attempt, streams it, and applies the edits', async () => {
    await fs.writeFile(path.join(top, 'old.ts'), 'old');
    const events: AgentEvent[] = [];
    const result = await play(
      [
        { task: 'implementation', step: 2, attempt: 1, answer: 'other step' },
        { task: 'implementation', step: 1, attempt: 2, answer: 'other attempt' },
        {
          task: 'implementation',
          step: 1,
          attempt: 1,
          answer: 'x'.repeat(1000),
          edits: [
            { path: 'src/deep/a.ts', content: 'a' },
            { path: 'old.ts', content: null },
          ],
        },
      ],
      { onEvent: (event) => events.push(event) },
    );
    expect(result).toMatchObject({ ok: true, text: 'x'.repeat(1000) });
    expect(await fs.readFile(path.join(top, 'src/deep/a.ts'), 'utf8')).toBe('a');
    await expect(fs.stat(path.join(top, 'old.ts'))).rejects.toThrow();
    const streamed = events.flatMap((event) => (event.kind === 'text' ? [event.text] : []));
    expect(streamed.length).toBeGreaterThan(1);
    expect(streamed.join('')).toBe('x'.repeat(1000));
  });

  it('serves plan tasks without a step', async () => {
    expect(
      await fs
        .writeFile(
          file,
          JSON.stringify({ version: 1, answers: [{ task: 'plan_generation', attempt: 1, answer: 'plan' }] }),
        )
        .then(() => {
          const { step: _step, ...rest } = request({ task: 'plan_generation' });
          return replayAgent(file).run(rest);
        }),
    ).toMatchObject({ ok: true, text: 'plan' });
  });

  it('fails for an answer that is missing, and says which', async () => {
    const result = await play([], { attempt: 3 });
    expect(result).toMatchObject({ ok: false, failure: 'no_answer' });
    expect(!result.ok && result.message).toContain('implementation, step 1, attempt 3');
  });

  it.each([
    '../out.ts',
    'a/../../out.ts',
    '/tmp/weld-out.ts',
    'C:\\x',
    '.git/config',
    '.GIT/config',
    '.weld/active.lock',
    'sub/.git/hooks/pre-commit',
    'link/a.ts',
    'file-link',
    '..\\out.ts',
    '.',
    'a\0b',
    'GIT~1/config',
    'sub/git~2/x',
    'WELD~1/runs',
    '.git::$INDEX_ALLOCATION/config',
    '.weld:x',
    '.git. ./config',
    '.g\u200Cit/config',
    '.ＧＩＴ/config',
  ])('refuses the path %j before anything is applied', async (bad) => {
    await fs.symlink(home, path.join(top, 'link'));
    await fs.symlink(path.join(home, 'target'), path.join(top, 'file-link'));
    const result = await play([
      {
        task: 'implementation',
        step: 1,
        answer: '',
        edits: [
          { path: 'first.ts', content: 'first' },
          { path: bad, content: 'bad' },
        ],
      },
    ]);
    expect(result).toMatchObject({ ok: false });
    expect((await fs.readdir(top)).sort()).toEqual(['.git', '.weld', 'file-link', 'link']);
    expect((await fs.readdir(home)).sort()).toEqual(['recording.json', 'repository']);
    expect(await fs.readdir(path.join(top, '.git'))).toEqual([]);
    expect(await fs.readdir(path.join(top, '.weld'))).toEqual([]);
  });

  it('refuses a pipe, a second name of a file and a repository of its own', async () => {
    execFileSync('mkfifo', [path.join(top, 'pipe')]);
    await fs.writeFile(path.join(home, 'outside'), 'outside');
    await fs.link(path.join(home, 'outside'), path.join(top, 'hard'));
    await fs.mkdir(path.join(top, 'own/.git'), { recursive: true });
    for (const edits of [
      [{ path: 'pipe', content: 'x' }],
      [{ path: 'pipe/x', content: 'x' }],
      [{ path: 'hard', content: 'x' }],
      [{ path: 'own', content: null }],
    ]) {
      const result = await play([
        { task: 'implementation', step: 1, answer: '', edits: [{ path: 'first.ts', content: 'first' }, ...edits] },
      ]);
      expect(result).toMatchObject({
        ok: false,
        message: expect.stringContaining('nothing of that answer was applied') as string,
      });
    }
    expect(await fs.readFile(path.join(home, 'outside'), 'utf8')).toBe('outside');
    expect((await fs.readdir(top)).sort()).toEqual(['.git', '.weld', 'hard', 'own', 'pipe']);
  });

  it('reads no recording that is a pipe', async () => {
    execFileSync('mkfifo', [file]);
    expect(await replayAgent(file).run(request())).toMatchObject({
      ok: false,
      message: expect.stringContaining('it is no file') as string,
    });
  });

  it('never writes outside the repository, whatever the path', async () => {
    await fs.mkdir(path.join(top, 'a'));
    await fs.symlink('..', path.join(top, 'up'));
    await fs.symlink('../..', path.join(top, 'a', 'up'));
    const segment = fc.constantFrom('..', '.', 'a', 'b', 'up', '.git', '.weld', '.Git ', '', '/', '\\', 'c:');
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 5 }), async (segments) => {
        await play([
          { task: 'implementation', step: 1, answer: '', edits: [{ path: segments.join('/') || '.', content: 'x' }] },
        ]);
        expect((await fs.readdir(home)).sort()).toEqual(['recording.json', 'repository']);
        expect(await fs.readdir(path.join(top, '.git'))).toEqual([]);
        expect(await fs.readdir(path.join(top, '.weld'))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('stops in its delay when it is cancelled, and edits nothing then', async () => {
    const abort = new AbortController();
    setTimeout(() => {
      abort.abort();
    }, 30);
    const result = await play(
      [{ task: 'implementation', step: 1, answer: '', delay_ms: 60_000, edits: [{ path: 'a.ts', content: '' }] }],
      { signal: abort.signal },
    );
    expect(result).toMatchObject({ ok: false, failure: 'cancelled' });
    expect((await fs.readdir(top)).sort()).toEqual(['.git', '.weld']);
  });

  it.each([
    ['not JSON', '{'],
    ['another version', '{"version": 2, "answers": []}'],
    ['an unknown task', '{"version": 1, "answers": [{"task": "dance"}]}'],
  ])('says what is wrong with a recording that is %s', async (_name, text) => {
    await fs.writeFile(file, text);
    const result = await replayAgent(file).run(request());
    expect(result).toMatchObject({ ok: false });
    expect(!result.ok && result.message).toContain(file);
  });

  it('reads recordings as people write them', () => {
    expect(
      RecordingSchema.safeParse({
        version: 1,
        answers: [
          {
            task: 'implementation',
            step: 1,
            attempt: 1,
            answer: 'text',
            edits: [{ path: 'src/a.ts', content: '…' }],
            delay_ms: 0,
          },
        ],
      }).success,
    ).toBe(true);
  });
});
