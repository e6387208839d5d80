import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { installServer } from '../support/host/install-server';
import { longPlan } from '../unit/core/plan/corpus';
import { LspClient } from '../unit/server/support/client';
import { middlePair, type Pair } from './median';
import type { Row } from './report';

/** Starts of each server for each text; odd, for a median. */
const ROUNDS = 7;
const LIMIT = 2;
/** A clock tick of `/proc/<pid>/stat`, in ms. */
const TICK_MS = 10;

interface Text {
  readonly name: string;
  readonly text: string;
  /** What the Markdown server asks its client for: the tokens of markdown-it, parsed before the clock runs. */
  readonly tokens: unknown;
}

interface Opened {
  /** From the start of the program to its first answer about the document. In ms. */
  readonly ms: number;
  /** Processor time of the program until then. In ms. */
  readonly cpu: number;
}

/**
 * Our server beside the editor's own Markdown server, each a new program that opens the same text: from the program's
 * start to our diagnostics, and to the other's outline, the least that it tells about a document.
 * @param server path of our bundle
 * @param top the repository in which the document is to be
 * @param stepLines lines of one step of `longPlan`
 */
export async function coldRows(server: string, top: string, stepLines: number): Promise<readonly Row[]> {
  const { vscode } = await installServer();
  const markdown = path.join(vscode, 'extensions/markdown-language-features/dist/serverWorkerMain.js');
  const rows: Row[] = [];
  for (const lines of [10_000, 50_000])
    for (const text of [textOf(`${count(lines)} lines of steps`, longPlan(lines / stepLines)), prose(lines)]) {
      const walls: Pair[] = [];
      const cpus: Pair[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const first = round % 2 === 0 ? await outline(markdown, top, text) : undefined;
        const ours = await diagnostics(server, top, text);
        const other = first ?? (await outline(markdown, top, text));
        walls.push({ ours: ours.ms, reference: other.ms });
        cpus.push({ ours: ours.cpu, reference: other.cpu });
      }
      const what = `start to first answer, ${text.name}; against the editor's Markdown server`;
      rows.push(
        { what, ...middlePair(walls), unit: 'ms', limit: LIMIT },
        { what: 'the same, processor time', ...middlePair(cpus), unit: 'ms', limit: LIMIT },
      );
    }
  return rows;
}

async function diagnostics(server: string, top: string, { text }: Text): Promise<Opened> {
  return opened(server, top, async (client) => {
    await client.diagnostics(client.open(path.join(top, 'cold.plan.md'), text), 1);
  });
}

async function outline(server: string, top: string, { text, tokens }: Text): Promise<Opened> {
  return opened(server, top, async (client) => {
    client.answers.set('markdown/parse', () => tokens);
    const uri = client.open(path.join(top, 'cold.md'), text);
    const symbols = await client.request<readonly object[]>('textDocument/documentSymbol', { textDocument: { uri } });
    if (symbols.length === 0) throw new Error('the Markdown server gave no outline');
  });
}

async function opened(server: string, top: string, open: (client: LspClient) => Promise<void>): Promise<Opened> {
  const begun = performance.now();
  const client = new LspClient(server);
  try {
    await client.start(top, {}, { initializationOptions: { markdownFileExtensions: ['md'] } });
    await open(client);
    return { ms: performance.now() - begun, cpu: cpuOf(client.pid) };
  } finally {
    await client.stop();
  }
}

/** Processor time of a process since its start. In ms. */
function cpuOf(pid: number): number {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

const count = (lines: number): string => lines.toLocaleString('en');

/** Text between two headings: what a document of research looks like rather than a plan. */
function prose(lines: number): Text {
  const parts = Array.from(
    { length: lines / 10 },
    (_, at) => `The ${at + 1}. paragraph says *something* about \`code.ts\` and links [there](x.md),
goes on with a second line of **some** words that tell nothing,
and ends with a third one.

- A first thing, which is short
- a second thing that needs more words than one line has room for,
  and so goes on below
  1. in order

`,
  );
  return textOf(`${count(lines)} lines of prose`, `# Step 1: Title\n\n${parts.join('')}`);
}

/** The parser is the one that the editor's extension has; here it comes with the packer. */
function textOf(name: string, text: string): Text {
  const ofPacker = createRequire(createRequire(pathToFileURL(__filename)).resolve('@vscode/vsce/package.json'));
  const MarkdownIt = ofPacker('markdown-it') as new (
    options: object,
  ) => { parse: (text: string, env: object) => unknown };
  return { name, text, tokens: new MarkdownIt({ html: true }).parse(text, {}) };
}
