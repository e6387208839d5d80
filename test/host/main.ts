// `npm run test:host [-- <part of a file's name>]`: runs the suite, or the matching files, inside a real VS Code.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bundleSuite, runInside } from '../support/host/suite';
import { root } from '../support/paths';
import { mustRun } from '../support/run';

const SUITE = 'test/host/suite';

async function main(): Promise<void> {
  const only = process.argv[2] ?? '';
  const files = fs
    .readdirSync(path.join(root, SUITE))
    .filter((name) => name.endsWith('.test.ts') && name.includes(only));
  if (!process.env['WELD_PACKAGED']) await mustRun('npm', ['run', '--silent', 'build'], { cwd: root });
  await runInside(await bundleSuite(files.map((name) => `${SUITE}/${name}`)), {
    WELD_HOST_RESULT: process.env['WELD_HOST_RESULT'],
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
