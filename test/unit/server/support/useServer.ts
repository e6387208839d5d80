import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { bundles } from '../../../support/bundles';
import { LspClient } from './client';
import { Workspace } from './workspace';

/** The server of this file's tests, and a workspace with a client for each test. */
export interface ServerUnderTest {
  /** Absolute path of the bundle. */
  readonly server: string;
  readonly workspace: Workspace;
  readonly client: LspClient;
}

/**
 * @param shared uses one server and one workspace for all tests of the file, for tests that only open and read
 *   documents: 80 tests do not start 80 programs. Documents are closed after each test.
 */
export function useServer({ shared = false } = {}): ServerUnderTest {
  const server = path.join(bundles, 'dist', 'server.js');
  let now: { readonly workspace: Workspace; readonly client: LspClient } | undefined;
  const current = (): { readonly workspace: Workspace; readonly client: LspClient } => {
    if (now === undefined) throw new Error('no test is running');
    return now;
  };
  const begin = async (): Promise<void> => {
    now = { workspace: new Workspace(), client: new LspClient(server) };
    await now.client.start(now.workspace.top);
  };
  const end = async (): Promise<void> => {
    await now?.client.stop();
    now?.workspace.dispose();
    now = undefined;
  };
  if (shared) {
    beforeAll(begin);
    afterEach(() => {
      now?.client.forget();
    });
    afterAll(end);
  } else {
    beforeEach(begin);
    afterEach(end);
  }
  return {
    server,
    get workspace() {
      return current().workspace;
    },
    get client() {
      return current().client;
    },
  };
}
