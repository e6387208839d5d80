import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LspClient, type Span } from './support/client';
import { useServer } from './support/useServer';
import { PLAN, RUN } from './support/workspace';

const use = useServer();

interface Lens {
  readonly range: Span;
  readonly command: { readonly title: string; readonly command: string; readonly arguments?: readonly unknown[] };
}

describe('the plan of a run', () => {
  const open = (text = PLAN): string => {
    const file = use.workspace.run('plan/plan.raw.md');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return use.client.open(file, text);
  };
  const lenses = async (uri: string): Promise<Lens[]> =>
    (await use.client.request<Lens[]>('textDocument/codeLens', { textDocument: { uri } })).map((lens) => ({
      ...lens,
      command: { ...lens.command, title: lens.command.title.replaceAll('\u00a0', ' ') },
    }));
  const titles = (all: readonly Lens[], line: number): string[] =>
    all.filter(({ range }) => range.start.line === line).map(({ command }) => command.title);
  const eventually = async (uri: string, line: number, wanted: RegExp): Promise<string[]> => {
    for (
      const deadline = Date.now() + 15_000;
      Date.now() < deadline;
      await new Promise((wake) => setTimeout(wake, 100))
    ) {
      const now = titles(await lenses(uri), line);
      if (wanted.test(now.join(' | '))) return now;
    }
    throw new Error(`${String(wanted)} did not come: ${titles(await lenses(uri), line).join(' | ')}`);
  };

  it('has lenses that call the commands with plain arguments', async () => {
    const uri = open();
    const all = await lenses(uri);
    expect(titles(all, 2)).toEqual(['Select', '$(play) Run Loop', 'Run Checks', 'Skip']);
    expect(
      all.filter(({ range }) => range.start.line === 22).map(({ command }) => [command.command, command.arguments]),
    ).toEqual(
      ['select', 'loop', 'snapshot', 'skip'].map((name) => [
        `weld.step.${name}`,
        [{ runId: RUN, step: 2, folder: use.workspace.top }],
      ]),
    );
  });

  it('shows iterations and verdicts, and follows the disk', async () => {
    const uri = open();
    expect(titles(await lenses(uri), 2)).not.toContain('iterations');
    use.workspace.select('01-first-thing');
    use.workspace.iteration('01-first-thing', 1, false, [
      { severity: 'blocker', file: 'src/known.ts', hint: 'It fails on Tuesdays', maps_to: 1 },
    ]);
    expect(await eventually(uri, 2, /iterations 1\/5, failed review/u)).toContain('Select');
    expect(titles(await lenses(uri), 15)).toEqual(['$(error) blocker: It fails on Tuesdays, iteration 1']);
    expect(titles(await lenses(uri), 16)).toEqual(['$(pass) met, iteration 1']);
    await use.client.until(
      () => use.client.received.some(({ method }) => method === 'workspace/codeLens/refresh'),
      'a refresh',
    );
    use.workspace.iteration('01-first-thing', 2, true, []);
    await eventually(uri, 2, /iterations 2\/5, passed/u);
    await eventually(uri, 15, /met, iteration 2/u);
  });

  it('cuts a long hint between words above its criterion, and has the whole of it on hover', async () => {
    const hint =
      'The greeting has no exclamation mark, although the specification asks for one in every language that is known';
    use.workspace.select('01-first-thing');
    use.workspace.iteration('01-first-thing', 1, false, [
      { severity: 'major', file: '', hint, maps_to: 1 },
      { severity: 'minor', file: '', hint: 'Also this', maps_to: 1 },
    ]);
    const uri = open();
    expect(titles(await lenses(uri), 15)).toEqual([
      '$(error) major: The greeting has no exclamation mark, although the … (and 1 more), iteration 1',
    ]);
    const hover = await use.client.request<{ contents: { value: string } }>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 15, character: 8 },
    });
    expect(hover.contents.value).toBe(
      `Criterion 1, iteration 1: 2 issues\n\n- **major**: ${hint}\n- **minor**: Also this`,
    );
  });

  it('says "met" of no criterion that the reviewer did not have, wherever it stands by now', async () => {
    use.workspace.select('01-first-thing');
    use.workspace.iteration('01-first-thing', 1, false, [
      { severity: 'blocker', file: '', hint: 'It fails', maps_to: 1 },
    ]);
    const uri = open(
      PLAN.replace('- [ ] It works', '- [ ] It is new\n- [ ] It works').replace(
        '- [ ] It is fast',
        '- [ ] It is quick\n- [ ] It is fast',
      ),
    );
    const all = await lenses(uri);
    expect([15, 16, 17, 18].map((line) => titles(all, line))).toEqual([
      [],
      ['$(error) blocker: It fails, iteration 1'],
      [],
      ['$(pass) met, iteration 1'],
    ]);
    const hover = await use.client.request<{ contents: { value: string } }>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 15, character: 8 },
    });
    expect(hover.contents.value).toBe('Iteration 1 was reviewed without this criterion.');
  });

  it('says "met" of nothing while an open issue speaks of a criterion that cannot be told', async () => {
    use.workspace.select('01-first-thing');
    use.workspace.iteration('01-first-thing', 1, false, [
      { severity: 'major', file: '', hint: 'It fails', maps_to: 'the third one' },
    ]);
    const uri = open();
    expect(titles(await lenses(uri), 15)).toEqual([]);
    const hover = await use.client.request<{ contents: { value: string } }>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 15, character: 8 },
    });
    expect(hover.contents.value).toContain('Criterion 1, iteration 1: unknown');
  });

  it.skipIf(process.platform !== 'linux')(
    'is watched no more once it is closed, also when it closes while it is read',
    async () => {
      use.workspace.select('01-first-thing');
      use.workspace.iteration('01-first-thing', 1, true, []);
      const watches = (): number =>
        fs.readdirSync(`/proc/${use.client.pid}/fdinfo`).reduce(
          (count, name) =>
            count +
            fs
              .readFileSync(`/proc/${use.client.pid}/fdinfo/${name}`, 'utf8')
              .split('\n')
              .filter((line) => line.startsWith('inotify ')).length,
          0,
        );
      const uri = open();
      await lenses(uri);
      expect(watches()).toBeGreaterThan(0);
      for (let round = 0; round < 30; round++) {
        use.client.close(uri);
        use.client.open(fileURLToPath(uri), PLAN);
        void lenses(uri);
      }
      await lenses(uri);
      use.client.close(uri);
      await use.client.request('textDocument/documentSymbol', { textDocument: { uri } });
      await use.client.until(() => watches() === 0, 'the end of all watches');
    },
  );

  it('gives way while another holds the lock, and comes back', async () => {
    const uri = open();
    use.workspace.lock({ pid: 1 });
    expect(await eventually(uri, 2, /locked by/u)).toEqual(['$(lock) locked by step loop 2, process 1']);
    const all = await lenses(uri);
    expect(all.every(({ command }) => command.command === '')).toBe(true);
    use.workspace.lock(null);
    expect(await eventually(uri, 2, /Select/u)).toContain('Skip');
  });

  it(
    'says that a step passed elsewhere where it is told where the seals stand, and goes by its files ' +
      'where it is not',
    async () => {
      use.workspace.select('01-first-thing');
      use.workspace.iteration('01-first-thing', 1, true, []);
      expect(await eventually(open(), 2, /iterations/u)).toContain('iterations 1/5, passed');
      const told = new LspClient(use.server);
      try {
        await told.start(
          use.workspace.top,
          {},
          { initializationOptions: { commands: true, storage: use.workspace.path('no seals here') } },
        );
        const file = use.workspace.run('plan/plan.raw.md');
        const uri = told.open(file, PLAN);
        const shown = await told.request<Lens[]>('textDocument/codeLens', { textDocument: { uri } });
        expect(shown.map(({ command }) => command.title)).toContain('iterations 1/5, passed elsewhere');
      } finally {
        await told.stop();
      }
    },
  );

  it('shows plain words alone while another holds the lock, also how far the step has come', async () => {
    use.workspace.select('01-first-thing');
    use.workspace.iteration('01-first-thing', 1, false, []);
    const uri = open();
    expect((await lenses(uri)).map(({ command }) => command.command)).toContain('weld.step.openReview');
    use.workspace.lock({ pid: 1 });
    expect(await eventually(uri, 2, /locked by/u)).toEqual([
      '$(lock) locked by step loop 2, process 1',
      'iterations 1/5, failed review',
    ]);
    expect((await lenses(uri)).filter(({ command }) => command.command !== '')).toEqual([]);
  });

  it("says which phase the editor's own loop is in, and offers to stop it", async () => {
    use.workspace.select('02-second-thing');
    use.workspace.record('steps/02-second-thing/iter/01/progress.json', {
      iteration: 1,
      done: ['implement', 'diff'],
      tree: null,
      epoch: 1,
      updated_at: '2026-01-05T12:00:00.000Z',
    });
    const uri = open();
    expect(await eventually(uri, 22, /Continue/u)).toContain('iterations 1/5, stopped before checks');
    use.workspace.lock({ pid: process.pid });
    expect(await eventually(uri, 22, /running/u)).toEqual(['$(sync~spin) running', 'Stop', 'iterations 1/5, checks']);
    expect(titles(await lenses(uri), 2)).toEqual(['$(lock) step loop 2 is running']);
    expect((await lenses(uri)).find(({ command }) => command.title === 'Stop')?.command).toMatchObject({
      command: 'weld.step.stop',
      arguments: [{ runId: RUN, step: 2, folder: use.workspace.top }],
    });
  });

  it('takes a process of another machine for another, whatever its number', async () => {
    const uri = open();
    use.workspace.lock({ pid: process.pid, host: 'elsewhere', boot_id: 'another', token: 'x', epoch: 1 });
    expect(await eventually(uri, 2, /locked by/u)).toEqual([
      `$(lock) locked by step loop 2, process ${process.pid} on elsewhere`,
    ]);
  });

  it('has no lenses where the setting says so, as soon as it says so', async () => {
    const uri = open();
    expect(await lenses(uri)).not.toEqual([]);
    use.client.settings = { lenses: false };
    use.client.tell('workspace/didChangeConfiguration', { settings: null });
    await use.client.until(
      () => use.client.received.some(({ method }) => method === 'workspace/codeLens/refresh'),
      'a refresh',
    );
    expect(await lenses(uri)).toEqual([]);
  });

  it('has lenses on the plan in force only', async () => {
    const uri = open();
    expect(await lenses(uri)).not.toEqual([]);
    fs.writeFileSync(use.workspace.run('plan/plan.final.md'), PLAN);
    await use.client.until(
      () => use.client.received.some(({ method }) => method === 'workspace/codeLens/refresh'),
      'a refresh',
    );
    const final = use.client.open(use.workspace.run('plan/plan.final.md'), PLAN);
    await eventually(final, 2, /Select/u);
    expect(await lenses(uri)).toEqual([]);
  });

  it('tells state and timing on hover, and leads from a criterion to its issues', async () => {
    use.workspace.select('01-first-thing');
    use.workspace.iteration('01-first-thing', 1, false, [
      { severity: 'minor', file: 'a', hint: 'Other', maps_to: 2 },
      { severity: 'blocker', file: 'src/known.ts', line: 3, hint: 'It fails', maps_to: 'It works on Tuesdays' },
    ]);
    const uri = open();
    const hover = async (line: number): Promise<string> =>
      (
        await use.client.request<{ contents: { value: string } } | null>('textDocument/hover', {
          textDocument: { uri },
          position: { line, character: 8 },
        })
      )?.contents.value ?? '';
    expect(await hover(2)).toBe(
      [
        '**Step 1: failed review**',
        '',
        'Iteration 1 of 5: failed, issues: 2 blocker.',
        '',
        '✗ rejected by the reviewer  ',
        '',
        'Took 1 min: agent 1 min, checks 2 s, review 3 s.',
        '',
        '2 acceptance criteria, 1 test.',
      ].join('\n'),
    );
    expect(await hover(22)).toBe('**Step 2: not started**\n\n1 acceptance criterion, 1 test.');
    expect(await hover(15)).toMatch(/blocker\*\*: It fails \(src\/known\\?\.ts:3\)/u);
    const links = await use.client.request<{ targetUri: string; targetSelectionRange: Span }[]>(
      'textDocument/definition',
      { textDocument: { uri }, position: { line: 15, character: 8 } },
    );
    expect(links).toHaveLength(1);
    const target = fs.readFileSync(fileURLToPath(links[0]?.targetUri ?? ''), 'utf8').split('\n');
    expect(target[links[0]?.targetSelectionRange.start.line ?? 0]).toContain('"It fails"');
  });

  it('writes nothing and makes no folder', async () => {
    const uri = open();
    await lenses(uri);
    const all = fs.readdirSync(use.workspace.top, { recursive: true }).map(String).sort();
    expect(all.filter((name) => name.startsWith('.weld') && !name.includes('runs'))).toEqual(['.weld']);
    expect(all.filter((name) => name.includes(RUN))).toEqual([
      `.weld/runs/${RUN}`,
      `.weld/runs/${RUN}/plan`,
      `.weld/runs/${RUN}/plan/plan.raw.md`,
    ]);
  });
});
