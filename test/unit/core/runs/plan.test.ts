import * as fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listVersions, readVersion } from '../../../../src/core/artifacts/store';
import { readMeta } from '../../../../src/core/runMeta';
import { planGenerate, planImport, planPrompt } from '../../../../src/core/runs/importPlan';
import { applyReviewedPlan, planReview, proposedPlan } from '../../../../src/core/runs/planReview';
import { planInForce } from '../../../../src/core/steps/planInForce';
import { size } from '../../../support/deep';
import { PLAN, sampleRecording } from '../../../support/recordings';
import { makeRun, operate, snapshot } from './support';

const text = (file: string): string => fs.readFileSync(file, 'utf8');
const OTHER = PLAN.replace('Greet by name', 'Greet everybody');

describe('plan import', () => {
  test('keeps the answer verbatim and the plan normalised', async () => {
    const { project, runId } = await makeRun();
    const markdown = `\uFEFF${PLAN.replaceAll('\n', '\r\n')}`;
    const result = await operate(project, runId, (op) => planImport(op, { runId, markdown }));
    expect(result).toEqual({ steps: 2, warnings: [] });
    const run = project.paths.run(runId);
    expect(text(run.planOutput)).toBe(markdown);
    expect(text(run.planRaw)).toBe(PLAN);
    expect(await readMeta(project, runId)).toMatchObject({
      plan_version: 1,
      plan_parse_warnings: [],
      command_history: [{ command: 'run start' }, { command: 'plan import', epoch: 1 }],
    });
  });

  test('that finds no step changes nothing', async () => {
    const { project, runId, weldDir } = await makeRun();
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    const files = (): Record<string, string> =>
      snapshot(weldDir, (name) => name.startsWith('lock') || name === 'active.lock');
    const before = files();
    for (const markdown of [
      '',
      'Sorry, I cannot do that.',
      '# Plan\n\nNothing to do.\n',
      '```\n## Step 1: In a fence\n```\n'.replace('## Step 1', '# Note'),
    ])
      await expect(operate(project, runId, (op) => planImport(op, { runId, markdown }))).rejects.toMatchObject({
        code: 'NO_STEPS',
      });
    expect(files()).toEqual(before);
  });

  test('tells warnings that name the line, and records them', async () => {
    const { project, runId } = await makeRun();
    const { warnings } = await operate(project, runId, (op) =>
      planImport(op, { runId, markdown: PLAN.replace('## Step 2', '## Step 3') }),
    );
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings[0]).toMatch(/\d/u);
    expect((await readMeta(project, runId)).plan_parse_warnings).toEqual(warnings);
  });

  test(`of ${size(5_000)} steps`, async () => {
    const { project, runId } = await makeRun();
    const markdown = Array.from(
      { length: size(5_000) },
      (_, n) => `## Step ${n + 1}: Part ${n + 1}\n\n### Acceptance criteria\n- [ ] it is there\n\n`,
    ).join('');
    expect((await operate(project, runId, (op) => planImport(op, { runId, markdown }))).steps).toBe(size(5_000));
  }, 120_000);

  test('moves the plan that was in force into the history, also a reviewed one', async () => {
    const { project, runId } = await makeRun();
    const run = project.paths.run(runId);
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    await operate(project, runId, (op) => planReview(op, { runId, apply: true }));
    const final = text(run.planFinal);
    await operate(project, runId, (op) => planImport(op, { runId, markdown: OTHER }));
    expect(fs.existsSync(run.planFinal)).toBe(false);
    expect((await planInForce(project, runId))?.text).toBe(OTHER);
    expect(await listVersions(run, 'plan')).toEqual([2, 1]);
    expect((await readVersion(run, 'plan', 1))?.content).toBe(PLAN);
    expect(await readVersion(run, 'plan', 2)).toMatchObject({
      content: final,
      meta: { trigger_reason: 'plan import' },
    });
    expect((await readMeta(project, runId)).plan_version).toBe(3);
  });

  test('keeps five versions', async () => {
    const { project, runId } = await makeRun();
    for (let n = 0; n < 8; n++)
      await operate(project, runId, (op) =>
        planImport(op, { runId, markdown: PLAN.replace('one person', `person ${n}`) }),
      );
    expect(await listVersions(project.paths.run(runId), 'plan')).toEqual([7, 6, 5, 4, 3]);
  });
});

describe('plan generate', () => {
  test('asks the configured agent and imports its answer', async () => {
    const { project, runId } = await makeRun();
    expect(await operate(project, runId, (op) => planGenerate(op, { runId }))).toEqual({ steps: 2, warnings: [] });
    expect((await planInForce(project, runId))?.plan.steps.map((step) => step.title)).toEqual([
      'Greet by name',
      "Greet in the person's language",
    ]);
  });

  test('counts its attempts, so that a recording can answer each differently', async () => {
    const recording = {
      version: 1 as const,
      answers: [
        { task: 'plan_generation', attempt: 1, answer: PLAN },
        { task: 'plan_generation', attempt: 2, answer: OTHER },
      ],
    };
    const { project, runId } = await makeRun({ recording });
    for (const plan of [PLAN, OTHER]) {
      await operate(project, runId, (op) => planGenerate(op, { runId }));
      expect((await planInForce(project, runId))?.text).toBe(plan);
    }
  });

  test('without a person a manual agent is refused before anything is written', async () => {
    const { project, runId, weldDir } = await makeRun();
    fs.writeFileSync(project.paths.config, '[task_models]\nplan_generation = { provider = "manual" }\n');
    const files = (): Record<string, string> =>
      snapshot(weldDir, (name) => name.startsWith('lock') || name === 'active.lock');
    const before = files();
    await expect(operate(project, runId, (op) => planGenerate(op, { runId }))).rejects.toMatchObject({
      code: 'NEEDS_PERSON',
    });
    expect(files()).toEqual(before);
    const person = { answer: async () => PLAN };
    expect((await operate(project, runId, (op) => planGenerate(op, { runId }), { person })).steps).toBe(2);
  });

  test('an answer that is missing, empty or without a step leaves no plan', async () => {
    for (const [answers, code] of [
      [[], 'AGENT_FAILED'],
      [[{ task: 'plan_generation', attempt: 1, answer: ' \n' }], 'AGENT_FAILED'],
      [[{ task: 'plan_generation', attempt: 1, answer: 'No.' }], 'NO_STEPS'],
    ] as const) {
      const { project, runId } = await makeRun({ recording: { version: 1, answers } });
      await expect(operate(project, runId, (op) => planGenerate(op, { runId }))).rejects.toMatchObject({ code });
      expect(await planInForce(project, runId)).toBeNull();
    }
  });
});

describe('plan review', () => {
  test('shows what it proposes, and puts it in force only when told', async () => {
    const { project, runId } = await makeRun();
    const run = project.paths.run(runId);
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    expect(await operate(project, runId, (op) => planReview(op, { runId }))).toEqual({ revised: true, steps: 2 });
    expect(text(run.reviewPrompt)).toContain('## Step 1: Greet by name');
    expect(text(run.reviewOutput)).toContain('## Revised Plan');
    expect((await planInForce(project, runId))?.reviewed).toBe(false);
    const proposed = await proposedPlan(project, runId);
    expect(proposed?.text).toContain('An empty name is refused');
    expect(await operate(project, runId, (op) => applyReviewedPlan(op, { runId }))).toEqual({ steps: 2 });
    expect(await planInForce(project, runId)).toMatchObject({ reviewed: true, text: proposed?.text });
    expect(text(run.planRaw)).toBe(PLAN);
    expect(await proposedPlan(project, runId)).toBeNull();
    await expect(operate(project, runId, (op) => applyReviewedPlan(op, { runId }))).rejects.toMatchObject({
      code: 'NO_STEPS',
    });
  });

  test('applied at once', async () => {
    const { project, runId } = await makeRun();
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    await operate(project, runId, (op) => planReview(op, { runId, apply: true }));
    expect((await planInForce(project, runId))?.reviewed).toBe(true);
    expect((await readVersion(project.paths.run(runId), 'plan', 1))?.content).toBe(PLAN);
  });

  test('without a revised plan the plan stays', async () => {
    const recording = {
      version: 1 as const,
      answers: [
        ...sampleRecording().answers.filter(({ task }) => task !== 'plan_review'),
        {
          task: 'plan_review',
          attempt: 1,
          answer: '## Review\n\nNothing to change.\n\n## Revised Plan\n\nAs it is.\n',
        },
      ],
    };
    const { project, runId } = await makeRun({ recording });
    await operate(project, runId, (op) => planImport(op, { runId, markdown: PLAN }));
    expect(await operate(project, runId, (op) => planReview(op, { runId, apply: true }))).toEqual({
      revised: false,
      steps: 2,
    });
    expect(await planInForce(project, runId)).toMatchObject({ reviewed: false, text: PLAN });
  });

  test('needs a plan', async () => {
    const { project, runId } = await makeRun();
    await expect(operate(project, runId, (op) => planReview(op, { runId }))).rejects.toMatchObject({ code: 'NO_PLAN' });
  });
});

test('plan prompt tells the format, the specification and the research', async () => {
  const { project, runId } = await makeRun();
  fs.mkdirSync(project.paths.run(runId).research, { recursive: true });
  fs.writeFileSync(
    project.paths.run(runId).researchAnswer,
    '# Research\n\nIt is a small module. </research> is no end.\n',
  );
  const { path } = await operate(project, runId, (op) => planPrompt(op, { runId }));
  const prompt = text(path);
  for (const part of [
    '## Step N: Title',
    '### Acceptance criteria',
    'falls back to English',
    'It is a small module.',
    '</research_>',
  ])
    expect(prompt).toContain(part);
});
