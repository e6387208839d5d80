// `tsx test/support/schemas.ts` writes media/schemas: the records of a run, for VS Code's JSON support.
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import {
  ChecksSummarySchema,
  HistoryMetaSchema,
  IssuesFileSchema,
  MetaSchema,
  ProgressSchema,
  SpecRefSchema,
  StatusSchema,
  StepRecordSchema,
  TimingSchema,
} from '../../src/core/artifacts/schemas';
import { root } from './paths';

export const schemasDir = path.join(root, 'media/schemas');

/** File name → schema and its records; `jsonValidation` in package.json has the same list. */
const RECORDS: readonly { readonly name: string; readonly schema: z.ZodType; readonly fileMatch: string }[] = [
  { name: 'meta', schema: MetaSchema, fileMatch: '**/.weld/runs/*/meta.json' },
  { name: 'spec.ref', schema: SpecRefSchema, fileMatch: '**/.weld/runs/*/inputs/spec.ref.json' },
  { name: 'history.meta', schema: HistoryMetaSchema, fileMatch: '**/.weld/runs/*/*/history/*/meta.json' },
  { name: 'step', schema: StepRecordSchema, fileMatch: '**/.weld/runs/*/steps/*/step.json' },
  {
    name: 'checks.summary',
    schema: ChecksSummarySchema,
    fileMatch: '**/.weld/runs/*/steps/*/iter/*/checks.summary.json',
  },
  { name: 'issues', schema: IssuesFileSchema, fileMatch: '**/.weld/runs/*/steps/*/iter/*/issues.json' },
  { name: 'status', schema: StatusSchema, fileMatch: '**/.weld/runs/*/steps/*/iter/*/status.json' },
  { name: 'timing', schema: TimingSchema, fileMatch: '**/.weld/runs/*/steps/*/iter/*/timing.json' },
  { name: 'progress', schema: ProgressSchema, fileMatch: '**/.weld/runs/*/steps/*/iter/*/progress.json' },
];

/** The content of media/schemas, by file name. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    RECORDS.map(({ name, schema }) => {
      const json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
      return [`${name}.schema.json`, `${JSON.stringify({ title: `Weld: ${name}.json`, ...json }, null, 2)}\n`] as const;
    }),
  );
}

export const jsonValidation = RECORDS.map(({ name, fileMatch }) => ({
  fileMatch,
  url: `./media/schemas/${name}.schema.json`,
}));

if (process.argv[1] === import.meta.filename) {
  fs.mkdirSync(schemasDir, { recursive: true });
  for (const [name, text] of schemaFiles()) fs.writeFileSync(path.join(schemasDir, name), text);
}
