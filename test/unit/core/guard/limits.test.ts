import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { until } from '../../../support/run';
import { contentOf, den, hasBubblewrap, RUN } from './support';

vi.setConfig({ testTimeout: 120_000 });

/** A person's own service, started before any guest: it obeys anyone who connects. @returns its port */
async function service(cwd: string): Promise<number> {
  const server = net.createServer((peer) => {
    peer.on('data', (command: Buffer) => {
      const shell = spawn('/bin/sh', ['-c', command.toString()], { cwd, stdio: 'ignore' });
      shell.on('exit', () => {
        peer.end('done\n');
      });
    });
  });
  await new Promise<void>((begun) => {
    server.listen(0, '127.0.0.1', begun);
  });
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The limits of the guard that the README lists; each test shows that the limit exists, and how far it goes. */
describe('the limits that the README names', () => {
  test('a guest that is not shut in can write seals: nobody notices', async () => {
    const here = await den();
    const told = await here.guest(`echo forged > ${here.storage}/seal.json`, { mode: 'notice' });
    expect(told.report).toMatchObject({ mode: 'noticed', violations: [], warnings: [] });
    expect(contentOf(here.storage)['seal.json']).toBe('forged\n');
  });

  test('a guest that is not shut in can leave a hidden program, which writes when nobody looks', async () => {
    const here = await den();
    const plan = here.at('.weld/runs', RUN, 'meta.json');
    const told = await here.guest(
      `env -i setsid sh -c 'while [ ! -e ${here.top}/go ]; do sleep 0.05; done; echo forged > ${plan}; rm ` +
        `${here.top}/go' > /dev/null 2>&1 &`,
      { mode: 'notice' },
    );
    expect(told.report).toMatchObject({ mode: 'noticed', violations: [], warnings: [] });
    here.put('go', '');
    await until('what hides to have written', () => !fs.existsSync(here.at('go')));
    expect(fs.readFileSync(plan, 'utf8')).toBe('forged\n');
  });

  test.skipIf(!hasBubblewrap)(
    'a service that ran before writes for a guest that is shut in; what it wrote is no violation of the guest',
    async () => {
      const here = await den();
      const port = await service(here.top);
      const ask =
        `require('node:net').connect(${port}, '127.0.0.1', function () { this.write('echo forged > ` +
        `.weld/runs/${RUN}/meta.json'); }).on('data', () => ` +
        'process.exit())';
      fs.writeFileSync(here.at('ask.cjs'), ask);
      const told = await here.guest(`${process.execPath} ask.cjs`);
      expect(told, JSON.stringify(told)).toMatchObject({
        ended: { exitCode: 0 },
        report: { mode: 'prevented', violations: [] },
      });
      expect(fs.readFileSync(here.at('.weld/runs', RUN, 'meta.json'), 'utf8')).toBe('forged\n');
    },
  );
});
