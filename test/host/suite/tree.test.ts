import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { api, findRow, rows, until, weldDir } from './host';

const kindOf = (node: unknown): unknown => (node as { kind?: unknown } | undefined)?.kind;

suite('the tree of runs', () => {
  const runs = (): string => path.join(weldDir(), 'runs');
  const make = (id: string, meta: string): void => {
    fs.mkdirSync(path.join(runs(), id), { recursive: true });
    fs.writeFileSync(path.join(runs(), id, 'meta.json'), meta);
  };
  const remove = (prefix: string): void => {
    for (const name of fs.readdirSync(runs()))
      if (name.startsWith(prefix)) fs.rmSync(path.join(runs(), name), { recursive: true });
  };
  const meta = (id: string): string =>
    JSON.stringify({
      run_id: id,
      created_at: '2020-01-01T00:00:00',
      updated_at: '2020-01-01T00:00:00',
      repo_root: '/',
      branch: 'main',
      head_sha: '',
      config_hash: '',
    });

  suiteSetup(async () => {
    await api();
    fs.mkdirSync(runs(), { recursive: true });
  });
  teardown(() => {
    remove('2020');
  });

  test('one damaged run shows as damaged and hides no other', async () => {
    make('20200101-000000-good', meta('20200101-000000-good'));
    make('20200102-000000-torn', '{"run_id": "2020');
    make('20200103-000000-other', meta('20200103-000000-other'));
    const seen = (await rows(1)).slice(-3);
    assert.deepEqual(seen, ['other [run.open]', 'torn [run.damaged]', 'good [run.open]']);
  });

  test('it follows the disk', async () => {
    const { runs: tree } = await api();
    let told = 0;
    const listener = tree.onDidChangeTreeData(() => {
      told++;
    });
    await rows(1); // a hidden tree watches nothing until it is first shown
    make('20200104-000000-late', meta('20200104-000000-late'));
    await until('the tree to be told', () => told > 0, 10_000);
    listener.dispose();
    assert.ok((await rows(1)).includes('late [run.open]'));
  });

  test('its first row says what comes next in the run that was worked on last, and follows it', async () => {
    const id = '20200110-000000-next';
    make(id, meta(id).replaceAll('2020-', '2120-'));
    const head = async (): Promise<string> => (await rows(1))[0] ?? '';
    await until('the plan to come next', async () => (await head()) === 'Next: The plan [next]', 10_000);
    const plan = path.join(runs(), id, 'plan');
    fs.mkdirSync(plan, { recursive: true });
    let told = 0;
    const { runs: tree } = await api();
    const listener = tree.onDidChangeTreeData(() => {
      told++;
    });
    fs.writeFileSync(path.join(plan, 'plan.raw.md'), '## Step 1: Greet\n');
    await until('the tree to be told', () => told > 0, 10_000);
    listener.dispose();
    await until('the review to come next', async () => (await head()).startsWith('Next: The review of'), 10_000);
  });

  test('it follows the phases of a folded iteration from its first record on', async () => {
    const id = '20200107-000000-phases';
    make(id, meta(id));
    const folder = path.join(runs(), id, 'steps', '01-one', 'iter', '01');
    fs.mkdirSync(folder, { recursive: true });
    const { runs: tree } = await api();
    const step = await findRow((node) => node.kind === 'step' && node.runId === id);
    await tree.getChildren(step);
    let told = 0;
    const listener = tree.onDidChangeTreeData(() => {
      told++;
    });
    await until(
      'the tree to be told again and again',
      () => {
        fs.writeFileSync(path.join(folder, 'progress.json'), String(told));
        return told > 4;
      },
      10_000,
    );
    listener.dispose();
  });

  test('a change of one run is told for its row alone, which then shows it', async () => {
    const ids = ['20200108-000000-changed', '20200109-000000-quiet'];
    for (const id of ids) make(id, meta(id));
    const [id = ''] = ids;
    fs.mkdirSync(path.join(runs(), id, 'steps', '01-one', 'iter', '01'), { recursive: true });
    const { runs: tree } = await api();
    const row = await findRow((node) => node.kind === 'run' && node.runId === id);
    await tree.getChildren(await findRow((node) => node.kind === 'step' && node.runId === id));
    const told: unknown[] = [];
    const listener = tree.onDidChangeTreeData((rows) => told.push(rows));
    const tellsOf = async (change: () => void): Promise<void> => {
      told.length = 0;
      change();
      await until('the row to be told', () => told.length > 0, 10_000);
      // The row at the head may say something else, too.
      assert.deepEqual(new Set(told.flat().filter((one) => kindOf(one) !== 'next')), new Set([row]));
    };
    assert.ok(row);
    // The new folders are told of first. That nothing more comes has no sign.
    await until('nothing more to be told', async () => {
      const before = told.length;
      await new Promise((wake) => setTimeout(wake, 1_500));
      return told.length === before;
    });
    await tellsOf(() => fs.writeFileSync(path.join(runs(), id, 'steps', '01-one', 'iter', '01', 'progress.json'), '{'));
    await tellsOf(() => {
      fs.writeFileSync(
        path.join(runs(), id, 'meta.json'),
        JSON.stringify({ ...(JSON.parse(meta(id)) as object), abandoned: true }),
      );
      tree.refresh();
    });
    assert.equal(tree.getTreeItem(row).contextValue, 'run.abandoned');
    listener.dispose();
  });

  test('10,000 runs are shown page by page, quickly', async function () {
    this.timeout(120_000);
    for (let n = 0; n < 10_000; n++) make(`20200105-${String(n).padStart(6, '0')}-many`, meta('x'));
    let seen: string[] = [];
    // The file events of 10,000 new folders must have arrived first.
    await until(
      'a quick look at the tree',
      async () => {
        const started = performance.now();
        seen = await rows(1);
        return performance.now() - started < 300;
      },
      30_000,
    );
    assert.match(seen.at(-1) ?? '', /^Show More Runs/u);
    assert.ok(seen.length <= 52); // a page, what comes next, and more
  });

  test('every row has an icon, an id of its own and words for a screen reader', async () => {
    make('20200106-000000-spoken', meta('20200106-000000-spoken'));
    const { runs: tree } = await api();
    const items = (await tree.getChildren()).map((node) => tree.getTreeItem(node));
    assert.equal(new Set(items.map((item) => item.id)).size, items.length);
    for (const item of items) assert.ok(item.iconPath && item.accessibilityInformation?.label, item.id);
  });
});
