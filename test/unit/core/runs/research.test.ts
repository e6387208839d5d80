import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HumanAgent } from '../../../../src/core/agents/agent';
import { readVersion } from '../../../../src/core/artifacts/store';
import type { Project } from '../../../../src/core/project';
import { readMeta } from '../../../../src/core/runMeta';
import { planImport, planPrompt } from '../../../../src/core/runs/importPlan';
import { researchGenerate, researchImport, researchReview } from '../../../../src/core/runs/importResearch';
import { acceptStale, staleArtifacts } from '../../../../src/core/runs/staleArtifacts';
import { PLAN } from '../../../support/recordings';
import { makeRun, operate } from './support';

const text = (file: string): string => fs.readFileSync(file, 'utf8');

describe('research', () => {
  test('is generated, imported over, kept in the history, and reviewed', async () => {
    const { project, runId } = await makeRun({}, {});
    const run = project.paths.run(runId);
    await expect(operate(project, runId, (op) => researchReview(op, { runId }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await operate(project, runId, (op) => researchGenerate(op, { runId }));
    const first = text(run.researchAnswer);
    expect(first).toContain('one small module');
    await operate(project, runId, (op) => researchImport(op, { runId, markdown: '\uFEFF# Mine\r\n' }));
    expect(text(run.researchAnswer)).toBe('# Mine\n');
    expect(await readVersion(run, 'research', 1)).toMatchObject({
      content: first,
      meta: { trigger_reason: 'research import' },
    });
    expect((await readMeta(project, runId)).research_version).toBe(2);
    expect((await operate(project, runId, (op) => researchReview(op, { runId }))).review).toContain(
      'covers what the specification asks for',
    );
  });

  test('whose agent leaves files that configure the next one is not taken, unless a person says so', async () => {
    const { project, runId, top } = await makeRun({}, {});
    const poisoning: Project = {
      ...project,
      agent: async (...asked) => {
        const agent = await project.agent(...asked);
        return {
          ...agent,
          run: (request) => {
            fs.appendFileSync(path.join(top, 'AGENTS.md'), 'poison\n');
            return agent.run(request);
          },
        };
      },
    };
    const generate = (person?: HumanAgent): Promise<unknown> =>
      operate(poisoning, runId, (op) => researchGenerate(op, { runId }), { ...(person && { person }) });
    await expect(generate()).rejects.toMatchObject({
      code: 'AGENT_FILES_CHANGED',
      message: expect.stringMatching(/research.*AGENTS\.md/u) as string,
    });
    const asked: (readonly string[])[] = [];
    const person = (answer: boolean): HumanAgent => ({
      answer: () => Promise.resolve(null),
      goOn: ({ files }) => {
        asked.push(files);
        return Promise.resolve(answer);
      },
    });
    await expect(generate(person(false))).rejects.toMatchObject({ code: 'AGENT_FILES_CHANGED' });
    expect(fs.existsSync(project.paths.run(runId).researchAnswer)).toBe(false);
    await generate(person(true));
    expect(text(project.paths.run(runId).researchAnswer)).toContain('one small module');
    expect(asked).toEqual([['AGENTS.md'], ['AGENTS.md']]);
  });

  test('that is empty is refused', async () => {
    const { project, runId } = await makeRun();
    await expect(operate(project, runId, (op) => researchImport(op, { runId, markdown: ' \n' }))).rejects.toMatchObject(
      { code: 'INVALID_ARGUMENT' },
    );
    expect(fs.existsSync(project.paths.run(runId).researchAnswer)).toBe(false);
  });
});

describe('stale', () => {
  const stale = async (
    project: Parameters<typeof readMeta>[0],
    runId: Parameters<typeof readMeta>[1],
  ): Promise<string[]> =>
    (await staleArtifacts(project, runId, await readMeta(project, runId))).map(({ artifact }) => artifact);

  test('is what was made from a specification or research that has changed', async () => {
    const { project, runId, spec } = await makeRun();
    await operate(project, runId, async (op) => {
      await researchImport(op, { runId, markdown: '# One\n' });
      await planImport(op, { runId, markdown: PLAN });
    });
    expect(await stale(project, runId)).toEqual([]);
    await operate(project, runId, (op) => researchImport(op, { runId, markdown: '# Two\n' }));
    expect(await stale(project, runId)).toEqual(['plan']);
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    expect(await stale(project, runId)).toEqual([]);

    fs.appendFileSync(spec, '- and in Klingon\n');
    expect(await stale(project, runId)).toEqual(['research', 'plan']);
    await operate(project, runId, (op) => planPrompt(op, { runId })); // reads the new specification
    expect(text(project.paths.run(runId).planPrompt)).toContain('Klingon');
    expect((await readMeta(project, runId)).stale_artifacts).toEqual(['research', 'plan']);
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    expect(await stale(project, runId)).toEqual(['research']);
    await operate(project, runId, (op) =>
      acceptStale(op, { runId, artifact: 'research', reason: 'The code is the same' }),
    );
    expect(await stale(project, runId)).toEqual([]);
    expect((await readMeta(project, runId)).stale_overrides).toMatchObject([
      { artifact: 'research', stale_reason: 'The code is the same' },
    ]);
    await expect(
      operate(project, runId, (op) => acceptStale(op, { runId, artifact: 'plan', reason: 'x' })),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('is nothing when the specification cannot be read any more', async () => {
    const { project, runId, spec } = await makeRun();
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    fs.rmSync(spec);
    expect(await stale(project, runId)).toEqual([]);
    await expect(operate(project, runId, (op) => planPrompt(op, { runId }))).rejects.toMatchObject({
      code: 'SPEC_UNREADABLE',
    });
  });
});
