// A separate process that works on a run until it is killed: `child.ts <top> <run id> <supervisor>
// import|commit|commit-passed|large`.
import { parseRunId } from '../../../../src/core/artifacts/runIds';
import { openProject } from '../../../../src/core/openProject';
import { withOperation } from '../../../../src/core/operation';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { planImport } from '../../../../src/core/runs/importPlan';
import { silentLogger } from '../../../../src/core/util/logger';
import { PLAN } from '../../../support/recordings';
import { storage } from '../../../support/storage';

async function main(): Promise<void> {
  const [top = '', id = '', supervisorPath = '', what = ''] = process.argv.slice(2);
  const project = await openProject(top, { log: silentLogger, supervisorPath, storage });
  const runId = parseRunId(id);
  const request = { runId, command: what, signal: new AbortController().signal, report: () => undefined };
  if (what === 'commit')
    await withOperation(project, request, (op) => commitRun(op, { runId, message: 'All of it', all: true }));
  if (what === 'commit-passed')
    await withOperation(project, request, (op) => commitRun(op, { runId, message: 'What passed' }));
  if (what === 'large') {
    process.on('SIGXFSZ', () => undefined); // otherwise a library ends the process before it can report the error
    const markdown = PLAN.replace('A function', 'word '.repeat(400_000));
    await withOperation(project, request, (op) => planImport(op, { runId, markdown })).catch((error: unknown) => {
      process.stdout.write(JSON.stringify({ ...(error as object), message: String(error) }));
    });
  }
  for (let n = 0; what === 'import'; n++) {
    await withOperation(project, request, (op) =>
      planImport(op, { runId, markdown: PLAN.replace('one person', n % 2 === 0 ? 'one person' : 'two people') }),
    );
    process.stdout.write(`${n}\n`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
