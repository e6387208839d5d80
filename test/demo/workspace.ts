import * as fs from 'node:fs';
import * as path from 'node:path';
import { out } from '../support/paths';
import { type Recording, sampleRecording } from '../support/recordings';
import { makeSample, type Sample } from '../support/sample';

export const demoDir = path.join(out, 'demo');
const repository = path.join(demoDir, 'repository');

/** Duration of each answer in the demo's recording, in ms: long enough to be seen. */
const PACE = 3000;

/**
 * Keeps the pace of another recording, but gives the last step, which is pictured, a visible duration if it has none.
 */
function paced({ version, answers }: Recording): Recording {
  const last = Math.max(...answers.map((answer) => answer.step ?? 0));
  return { version, answers: answers.map((answer) => (answer.step === last ? { delay_ms: PACE, ...answer } : answer)) };
}

/** Recreates the demo's repository. `WELD_DEMO_RECORDING` names another recording. */
export async function freshWorkspace(): Promise<Sample> {
  fs.rmSync(demoDir, { recursive: true, force: true });
  const other = process.env['WELD_DEMO_RECORDING'];
  const recording = other ? paced(JSON.parse(fs.readFileSync(other, 'utf8')) as Recording) : sampleRecording(PACE);
  return makeSample(repository, { recording });
}

/** The existing repository of the demo, or a new one. */
export async function workspace(): Promise<Sample> {
  if (!fs.existsSync(path.join(repository, '.git'))) return freshWorkspace();
  return { top: repository, spec: path.join(repository, 'docs/greetings.md'), weldDir: path.join(repository, '.weld') };
}
