// `tree.measure.ts <folder>` prints the rows of the section `tree` as JSON.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { WeldPaths } from '../../src/core/artifacts/paths';
import { newRunId, type RunId } from '../../src/core/artifacts/runIds';
import type { Project } from '../../src/core/project';
import { ShownRuns } from '../../src/core/runs/shownRuns';
import type { Repository } from '../../src/platform/repositories';
import { RunRows } from '../../src/views/runRows';
import { median } from './median';
import type { Row } from './report';

const MANY = 10_000;
const FEW = 10;
/** Rows of a page, and one that says whether there are more. */
const ROWS = 51;
const ROUNDS = 15;
/** Looks in one measured block: the processor's time is counted coarsely. */
const LOOKS = 10;

interface Made {
  readonly paths: WeldPaths;
  readonly runs: () => ShownRuns;
  readonly rows: () => RunRows;
  readonly newest: readonly RunId[];
}

/** Runs of which the newest `ROWS` are finished, each with the files of `like`. The others have a record only. */
function make(top: string, count: number, like: string): Made {
  const paths = new WeldPaths(top);
  const meta = JSON.parse(fs.readFileSync(path.join(like, 'meta.json'), 'utf8')) as object;
  const commits = [{ sha: 'abc', steps: [1, 2], committed_at: '2026-01-01T00:00:00Z' }];
  const ids = Array.from({ length: count }, (_, n) => newRunId(new Date(2025, 0, 1, 0, 0, n), `run ${n}`));
  ids.forEach((id, n) => {
    const run = paths.run(id);
    if (n >= count - ROWS) fs.cpSync(like, run.root, { recursive: true });
    else fs.mkdirSync(run.root, { recursive: true });
    fs.writeFileSync(run.meta, JSON.stringify({ ...meta, run_id: id, commits }));
  });
  const project = { top, paths, storage: path.join(top, '..', 'storage') } as Project;
  const runs = (): ShownRuns => new ShownRuns(project);
  const locks = { view: { kind: 'free' } } as Repository['locks'];
  const rows = (): RunRows => new RunRows({ project, locks, runs: runs(), name: '' });
  return { paths, runs, rows, newest: ids.slice(-ROWS).reverse() };
}

/** Processor time of a call, in ms. */
async function cpu(call: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Two calls in turn, each many times. @returns the middle of each, in ms of processor time */
async function inTurn(
  ours: () => unknown,
  reference: () => unknown,
): Promise<{ readonly ours: number; readonly reference: number }> {
  const [a, b]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    a.push(await cpu(ours));
    b.push(await cpu(reference));
  }
  return { ours: median(a), reference: median(b) };
}

const list = async (runs: ShownRuns): Promise<unknown> =>
  Promise.all((await runs.ids()).slice(0, ROWS).map((id) => runs.row(id)));

async function warm({ paths, runs, newest }: Made): Promise<Row> {
  const kept = runs();
  await list(kept);
  const times = async (look: () => unknown): Promise<void> => {
    for (let n = 0; n < LOOKS; n++) await look();
  };
  const found = await inTurn(
    () => times(() => list(kept)),
    () =>
      times(() => {
        fs.readdirSync(paths.runs);
        for (const id of newest) fs.statSync(paths.run(id).meta);
      }),
  );
  return {
    what: `${ROWS} of ${MANY} rows, warm / readdir + ${ROWS} stats`,
    ours: found.ours / LOOKS,
    reference: found.reference / LOOKS,
    unit: 'ms of processor time',
    limit: 4,
  };
}

async function cold({ paths, runs, newest }: Made): Promise<Row> {
  const found = await inTurn(
    () => list(runs()),
    () => {
      fs.readdirSync(paths.runs);
      for (const id of newest)
        for (const entry of fs.readdirSync(paths.run(id).root, { recursive: true, withFileTypes: true }))
          if (entry.isFile()) fs.readFileSync(path.join(entry.parentPath, entry.name));
    },
  );
  return {
    what: `${ROWS} of ${MANY} rows, cold, all finished / readdir + reading the files of ${ROWS} runs`,
    ...found,
    unit: 'ms of processor time',
  };
}

/** What a file event in an unfolded run costs, until its children are there again. */
async function change({ paths, rows, newest: [id] }: Made): Promise<() => Promise<number>> {
  if (id === undefined) throw new Error('there is no run');
  const shown = rows();
  await shown.page();
  await shown.unfold(id);
  const { steps } = paths.run(id);
  const [step = ''] = fs.readdirSync(steps);
  const file = path.join(steps, step, 'iter', '01', 'status.json');
  return async () => {
    fs.appendFileSync(file, '\n');
    await new Promise((wake) => setTimeout(wake, 150)); // as the view waits
    let told = 0;
    const spent = await cpu(async () => {
      told = (await shown.changed(new Set([id])))?.length ?? 0;
      await shown.unfold(id);
    });
    if (told !== 1) throw new Error(`${told} rows were told of one change`);
    return spent;
  };
}

async function changes(many: Made, few: Made): Promise<Row> {
  const [atMany, atFew] = [await change(many), await change(few)];
  const [ours, reference]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await atMany());
    reference.push(await atFew());
  }
  return {
    what: `one changed file of an unfolded run at ${MANY} runs / at ${FEW}`,
    ours: median(ours),
    reference: median(reference),
    unit: 'ms of processor time',
    limit: 1.3,
  };
}

async function measure(folder: string, like: string): Promise<readonly Row[]> {
  const [many, few] = [make(path.join(folder, 'many'), MANY, like), make(path.join(folder, 'few'), FEW, like)];
  await new Promise((wake) => setTimeout(wake, 2_500)); // what has just changed is read each time
  return [await warm(many), await cold(many), await changes(many, few)];
}

const [, , folder = '.', like = '.'] = process.argv;
void measure(folder, like).then((rows) => {
  process.stdout.write(JSON.stringify(rows));
});
