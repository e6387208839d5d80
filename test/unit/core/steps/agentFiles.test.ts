import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentRequest, AgentResult, FilesQuestion, HumanAgent } from '../../../../src/core/agents/agent';
import { oid } from '../../../../src/core/git/oid';
import { CLOCK_STEP_MS } from '../../../../src/core/git/statFingerprint';
import type { Project } from '../../../../src/core/project';
import { instructionsFor } from '../../../../src/core/steps/askAgent';
import { snapshot } from '../../../../src/core/steps/requests';
import type { LoopRequest, LoopResult } from '../../../../src/core/steps/results';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { inDepth, some } from '../../../support/deep';
import { git } from '../../../support/git';
import { verdict } from '../../../support/recordings';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import { createFixtureRepo, type FixtureRepo, lines, removeFixtureRepo } from './support/fixtureRepo';
import { type OperateOptions, operate, select } from './support/operate';
import { openFixtureRepo } from './support/project';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let fixtureRepo: FixtureRepo;
let project: Project;
beforeEach(async () => {
  fixtureRepo = await createFixtureRepo(ONE_ITERATION);
  fs.writeFileSync(path.join(fixtureRepo.top, 'AGENTS.md'), 'Write tests.\n');
  project = await openFixtureRepo(fixtureRepo, bundledSupervisor());
  await select(fixtureRepo, project);
});
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

const loop = (request: Partial<LoopRequest> = {}, options: OperateOptions = {}): Promise<LoopResult> =>
  operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1, ...request }), options);
const write = (file: string, text: string): void => {
  fs.mkdirSync(path.dirname(path.join(fixtureRepo.top, file)), { recursive: true });
  fs.writeFileSync(path.join(fixtureRepo.top, file), text);
};

/** An implementer that also writes other files. */
const implementing = (...files: readonly string[]): OperateOptions => ({
  agents: {
    implementation: async (_request: AgentRequest): Promise<AgentResult> => {
      await Promise.resolve();
      write('src/add.mjs', 'export const add = (a, b) => a + b;\n');
      for (const file of files) write(file, 'poison');
      return { ok: true, text: 'Added.', usage: { durationMs: 1 } };
    },
  },
});

function person(answer: boolean): { readonly asked: FilesQuestion[]; readonly person: HumanAgent } {
  const asked: FilesQuestion[] = [];
  return {
    asked,
    person: {
      answer: () => Promise.resolve(null),
      goOn: (question) => {
        asked.push(question);
        return Promise.resolve(answer);
      },
    },
  };
}

describe('files that configure agents, changed by a guest', () => {
  it.each(some(['.claude/settings.json', 'AGENTS.md', '.mcp.json', '.CODEX/config.toml', 'src/CLAUDE.md']))(
    '%s stops the loop before the next agent starts',
    async (file) => {
      const result = await loop({}, implementing(file));
      expect(result).toMatchObject({
        passed: false,
        reason: 'needs_person',
        message: expect.stringContaining(file) as string,
      });
      expect(lines(fixtureRepo.calls)).toEqual(['implementation 1']);
      // The next operation does not forget it either.
      expect(await loop({ resume: true })).toMatchObject({ passed: false, reason: 'needs_person' });
      expect(lines(fixtureRepo.calls)).toEqual(['implementation 1']);
    },
  );

  it('is remembered by the seal, whatever stands in agent-files.json since', async () => {
    expect(await loop({}, implementing('AGENTS.md'))).toMatchObject({ reason: 'needs_person' });
    const file = path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'agent-files.json');
    expect(fs.existsSync(file)).toBe(true);
    for (const forge of [
      () => {
        fs.writeFileSync(file, JSON.stringify({ trusted: {}, settled: true }));
      },
      () => {
        fs.rmSync(file);
      },
    ]) {
      forge();
      expect(await loop({ resume: true })).toMatchObject({ passed: false, reason: 'needs_person' });
    }
  });

  it('one that git ignores counts too', async () => {
    write('.gitignore', '.claude/\n');
    expect(await loop({}, implementing('.claude/settings.local.json'))).toMatchObject({ reason: 'needs_person' });
  });

  it.each(['pkg/CLAUDE.local.md', 'pkg/.claude/settings.json'])(
    'one further down that git ignores counts too: %s; the one that stood there before does not',
    async (file) => {
      write('.gitignore', '.claude/\n*.local.md\n');
      write('lib/CLAUDE.local.md', 'Mine.\n');
      write('lib/.claude/settings.json', '{}\n');
      // The files are older than the loop by more than one step of a disk's clock.
      await new Promise((resolve) => setTimeout(resolve, CLOCK_STEP_MS + 50));
      expect(await loop({}, implementing(file))).toMatchObject({
        reason: 'needs_person',
        message: expect.stringMatching(new RegExp(`not name them: ${file};`, 'u')) as string,
      });
    },
  );

  it('a person who is there decides, and is asked once', async () => {
    const no = person(false);
    expect(await loop({}, { ...implementing('.claude/settings.json'), person: no.person })).toMatchObject({
      reason: 'needs_person',
    });
    expect(no.asked).toMatchObject([{ files: ['.claude/settings.json'] }]);
    const yes = person(true);
    expect(await loop({ resume: true }, { person: yes.person })).toMatchObject({ passed: true });
    expect(yes.asked.length).toBe(1);
    expect(
      await loop(
        {},
        {
          agents: {
            fix_generation: () => Promise.resolve({ ok: true, text: '', usage: { durationMs: 1 } }),
            implementation: () => Promise.resolve({ ok: true, text: '', usage: { durationMs: 1 } }),
            implementation_review: () => Promise.resolve({ ok: true, text: verdict(true), usage: { durationMs: 1 } }),
          },
        },
      ),
    ).not.toMatchObject({ reason: 'needs_person' });
  });

  inDepth('what the person takes back is no matter', async () => {
    expect(await loop({}, implementing('.claude/settings.json'))).toMatchObject({ reason: 'needs_person' });
    fs.rmSync(path.join(fixtureRepo.top, '.claude'), { recursive: true });
    expect(await loop({ resume: true })).toMatchObject({ passed: true });
  });

  inDepth('what the person changes between two operations is theirs', async () => {
    await operate(fixtureRepo, project, (op) => snapshot(op, { run: fixtureRepo.run, step: 1 }));
    write('AGENTS.md', 'Write better tests.\n');
    expect(await loop({})).not.toMatchObject({ reason: 'needs_person' });
  });
});

describe('instructions of the person', () => {
  it('are part of a prompt as of the base', async () => {
    const base = oid(await git(fixtureRepo.top, 'rev-parse', `refs/weld/${fixtureRepo.run}/01-add-the-numbers/base`));
    write('AGENTS.md', 'poison');
    expect(await instructionsFor(project, { kind: 'codex' }, base)).toMatch(/AGENTS\.md[\s\S]*Write tests\./u);
    expect(await instructionsFor(project, { kind: 'claude' }, base)).not.toContain('poison');
    expect(await instructionsFor(project, { kind: 'replay' }, base)).toBe('');
  });
});
