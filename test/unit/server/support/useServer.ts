import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { LspClient } from './client';
import { bundleServer, Workspace } from './workspace';

/** The server of this file's tests, and for each test a workspace of its own with a client on it. */
export interface ServerUnderTest {
  /** Absolute path of the bundle. */
  readonly server: string;
  readonly workspace: Workspace;
  readonly client: LspClient;
}

export function useServer(): ServerUnderTest {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-server-'));
  let server = '';
  let now: { readonly workspace: Workspace; readonly client: LspClient } | undefined;
  const current = (): { readonly workspace: Workspace; readonly client: LspClient } => {
    if (now === undefined) throw new Error('no test is running');
    return now;
  };
  beforeAll(async () => { server = await bundleServer(dir); });
  afterAll(() => { fs.rmSync(dir, { recursive: true, force: true }); });
  beforeEach(async () => {
    now = { workspace: new Workspace(), client: new LspClient(server) };
    await now.client.start(now.workspace.top);
  });
  afterEach(async () => {
    await now?.client.stop();
    now?.workspace.dispose();
    now = undefined;
  });
  return {
    get server() { return server; },
    get workspace() { return current().workspace; },
    get client() { return current().client; },
  };
}
