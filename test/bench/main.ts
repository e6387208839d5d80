/**
 * `npm run bench [-- <section> …]`: all measurements, as ratios within one run. `npm run bench -- --against <commit>
 * [<section> …]`: the same for two builds in turn. README.md explains each row.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import { parseArgs } from 'node:util';
import { compareWith } from './against';
import { type BenchRecord, described, keep, machineFacts } from './record';
import { isWithin, judge, type Row, type SectionResult, table } from './report';

/** Each is loaded separately, because an earlier product may lack an import of one of them. */
const SECTIONS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  lock: async () => (await import('./lock')).lockRows(),
  iteration: async () => (await import('./iteration')).iterationRows(),
  plan: async () => (await import('./plan')).planRows(),
  window: async () => (await import('./window')).windowRows(),
  conditions: async () => (await import('./conditions')).conditionRows(),
  tree: async () => (await import('./tree')).treeRows(),
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { against: { type: 'string' }, rounds: { type: 'string', default: '2' } },
  });
  const wanted = positionals.length > 0 ? positionals : Object.keys(SECTIONS);
  const unknown = wanted.filter((name) => !(name in SECTIONS));
  if (unknown.length > 0)
    throw new Error(`no section ${unknown.join(', ')}; there are ${Object.keys(SECTIONS).join(', ')}`);
  const { against, rounds } = values;
  const within = against === undefined ? here(wanted) : compareWith(against, wanted, Number(rounds));
  process.exitCode = (await within) ? 0 : 1;
}

/** Measures this build. @returns true if every row is within its limit */
async function here(wanted: readonly string[]): Promise<boolean> {
  const facts = machineFacts();
  const sections: Record<string, SectionResult> = {};
  for (const name of wanted) {
    process.stderr.write(`measuring ${name} …\n`);
    sections[name] = await measure(name);
  }
  const record: BenchRecord = { facts, sections };
  const { WELD_BENCH_RECORD: elsewhere } = process.env;
  if (elsewhere !== undefined) {
    fs.writeFileSync(elsewhere, JSON.stringify(record));
    return true;
  }
  const all = Object.entries(sections);
  for (const [name, result] of all) console.log(table(name, result));
  console.log(`\n${described(facts)}; kept in ${keep(facts, '', record)}`);
  return all.every(([, result]) => isWithin(result));
}

async function measure(name: string): Promise<SectionResult> {
  const [before, begun] = [loadNow(), performance.now()];
  const ended = (): Pick<SectionResult, 'seconds' | 'load'> => ({
    seconds: (performance.now() - begun) / 1000,
    load: [before, loadNow()],
  });
  try {
    const rows = (await SECTIONS[name]?.()) ?? [];
    return { rows: rows.map(judge), ...ended() };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${said}\n`);
    return { rows: [], error: said.split('\n').slice(0, 2).join(' '), ...ended() };
  }
}

const loadNow = (): number => os.loadavg()[0] ?? 0;

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
