import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { readAnswerFile } from '../../../../src/core/runs/askInRun';
import { planImport } from '../../../../src/core/runs/importPlan';
import { PLAN } from '../../../support/recordings';
import { makeRun, operate } from './support';

const BOM = '\uFEFF';

test('a plan is kept as it stands in its file, byte-order mark and line ends included', async () => {
  const { project, runId, top } = await makeRun();
  const bytes = Buffer.from(`${BOM}${PLAN}ä`.replaceAll('\n', '\r\n'));
  fs.writeFileSync(`${top}/plan.md`, bytes);
  const { steps } = await operate(project, runId, async (op) =>
    planImport(op, { runId, markdown: await readAnswerFile(top, 'plan.md') }),
  );
  expect(steps).toBe(2);
  const run = project.paths.run(runId);
  expect(fs.readFileSync(run.planOutput).equals(bytes)).toBe(true);
  expect(fs.readFileSync(run.planRaw, 'utf8').startsWith('# Plan\n')).toBe(true);
});

test.each([
  ['not UTF-8', Buffer.from([0x23, 0x20, 0xe4, 0x0a]), /is not UTF-8 text; choose/u],
  ['binary', Buffer.from([0x23, 0, 0x0a]), /is binary; choose/u],
])('a file that is %s is refused by name', async (_name, bytes, words) => {
  const { top } = await makeRun();
  fs.writeFileSync(`${top}/plan.md`, bytes);
  const refused = readAnswerFile(top, 'plan.md');
  await expect(refused).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(words) as string,
  });
  await expect(refused).rejects.toThrow(`${top}/plan.md`);
});
