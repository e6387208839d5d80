import { Editor } from '../support/editor';
import { middlePair } from './median';
import type { Row } from './report';
import { type Usage, untilQuiet, usageOf } from './window.quiet';
import type { Repository } from './window.repository';

const ROUNDS = 3;

/** Repositories that differ by the number of their runs. */
export type Sizes = Readonly<Record<'few' | 'many' | 'most', Repository>>;

/** A new window with the Runs view in front, of an editor that was never used. */
interface Opened extends Usage {
  /** Ms from opening the window to the first row of the view. */
  readonly firstRow: number;
  /** Processor seconds until then. */
  readonly firstRowSeconds: number;
}

/** What a window costs where there are few runs, and where there are many: watches, processor time, time. */
export async function manyRunsRows({ few, many, most }: Sizes): Promise<Row[]> {
  const rounds: { readonly few: Opened; readonly most: Opened }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % 2 === 0 ? await opened(few) : undefined;
    const grown = await opened(most);
    rounds.push({ few: first ?? (await opened(few)), most: grown });
  }
  // Watches are counted, so once is enough.
  const { watches } = await opened(many);
  const number = ({ runs }: Repository): string => runs.toLocaleString('en');
  const growth = (quantity: keyof Opened): ReturnType<typeof middlePair> =>
    middlePair(rounds.map((round) => ({ ours: round.most[quantity], reference: round.few[quantity] })));
  return [
    {
      what: `watches that a window holds for each run: ${number(many)} runs, less those of ${number(few)}`,
      ours: watches - (rounds[0]?.few.watches ?? Number.NaN),
      reference: many.runs - few.runs,
      unit: 'watches / runs',
      limit: 1.1,
    },
    {
      what: `processor time of a window from opening to quiet, ${number(most)} runs / ${number(few)} runs`,
      ...growth('seconds'),
      unit: 's',
      limit: 1.5,
    },
    {
      what: `processor time of a window from opening to the first row, ${number(most)} runs / ${number(few)} runs`,
      ...growth('firstRowSeconds'),
      unit: 's',
      limit: 1.5,
    },
    {
      what: `window open to the first row of the tree, ${number(most)} runs / ${number(few)} runs`,
      ...growth('firstRow'),
      unit: 'ms',
      limit: 1.5,
    },
  ];
}

async function opened({ top }: Repository): Promise<Opened> {
  const editor = await Editor.start();
  try {
    const before = await untilQuiet(editor);
    const begun = performance.now();
    const workbench = await editor.open(top);
    await workbench.openView('Weld');
    await workbench.tree().getByRole('treeitem').first().waitFor({ timeout: 150_000 });
    const firstRow = performance.now() - begun;
    const firstRowSeconds = usageOf(editor).seconds - before.seconds;
    const { seconds, watches } = await untilQuiet(editor);
    return { firstRow, firstRowSeconds, seconds: seconds - before.seconds, watches };
  } finally {
    await editor.close();
  }
}
