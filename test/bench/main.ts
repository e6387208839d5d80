// `npm run bench [-- <section> …]`: everything that has a figure, as ratios of one run.
import { conditionRows } from './conditions';
import { iterationRows } from './iteration';
import { lockRows } from './lock';
import { planRows } from './plan';
import { type Row, report } from './report';

const SECTIONS: Readonly<Record<string, () => Promise<readonly Row[]> | readonly Row[]>> = {
  lock: lockRows,
  iteration: iterationRows,
  plan: planRows,
  conditions: conditionRows,
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  let within = true;
  for (const [section, measure] of Object.entries(SECTIONS)) {
    if (wanted.length > 0 && !wanted.includes(section)) continue;
    within = report(section, await measure()) && within;
  }
  process.exitCode = within ? 0 : 1;
}

void main();
