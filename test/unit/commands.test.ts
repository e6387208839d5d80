import * as fs from 'node:fs';
import { expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import type { readingCommand } from '../../src/commands/define';
import { COMMANDS } from '../../src/ids';
import type { Call, CommandArgs } from '../../src/platform/invoke';
import { root } from '../support/paths';

type Loop = Call<typeof COMMANDS.stepLoop>;

test('a call with a wrong argument does not compile', () => {
  const asked: Loop = { folder: '/r', step: 1 };
  const silent: Loop = { runId: 'r', step: 1, silent: true };
  // @ts-expect-error a step is a number
  const text: Loop = { step: '1' };
  // @ts-expect-error the command has no such argument
  const unknown: Loop = { steps: 1 };
  // @ts-expect-error a silent command cannot ask for the step
  const missing: Loop = { runId: 'r', silent: true };
  // @ts-expect-error this command takes no arguments of its own
  const none: Call<typeof COMMANDS.lockShow> = { runId: 'r' };
  expect([asked, silent, text, unknown, missing, none]).toHaveLength(6);
});

test('a schema that differs from the declared arguments does not compile', () => {
  type Define = typeof readingCommand;
  const define = ((spec: unknown) => spec) as Define;
  const rest = { id: COMMANDS.planImport, run: () => Promise.resolve({}) };
  define({ ...rest, args: z.object({ runId: z.string(), file: z.string() }) });
  // @ts-expect-error an argument is missing
  define({ ...rest, args: z.object({ runId: z.string() }) });
  // @ts-expect-error an argument is optional that is declared as required
  define({ ...rest, args: z.object({ runId: z.string(), file: z.string().optional() }) });
  // @ts-expect-error an argument too many, though optional
  define({ ...rest, args: z.object({ runId: z.string(), file: z.string(), name: z.string().optional() }) });
});

test('every command declares its arguments', () => {
  expectTypeOf<keyof CommandArgs>().toEqualTypeOf<(typeof COMMANDS)[keyof typeof COMMANDS]>();
});

const sources = fs
  .readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: file.replaceAll('\\', '/'), text: fs.readFileSync(`${root}/src/${file}`, 'utf8') }));

test('core knows no command, and of the server only the lenses do', () => {
  const naming = sources.filter(({ text }) => Object.values(COMMANDS).some((id) => text.includes(`'${id}'`)));
  expect(naming.map(({ file }) => file).filter((file) => /^(?:core|server)\//u.test(file))).toEqual([
    'server/plan/lenses.ts',
  ]);
});

test('only the typed call runs a command by its id', () => {
  const untyped = sources.filter(({ text }) => /executeCommand(?:<[^(]*>)?\(\s*(?![\s'])/u.test(text));
  expect(untyped.map(({ file }) => file)).toEqual(['platform/invoke.ts']);
});
