import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { bundlePuppet, Puppet } from './puppets';
import { WeldFolder } from './weldFolder';

/** For each test a `.weld` folder of its own, and another process that can be told to lock it. */
export interface PuppetInFolder {
  readonly weld: WeldFolder;
  readonly puppet: Puppet;
}

/** @param uid another user for the process to run as */
export function usePuppet(uid?: number): PuppetInFolder {
  let program = '';
  let now: { readonly weld: WeldFolder; readonly puppet: Puppet } | undefined;
  const current = (): { readonly weld: WeldFolder; readonly puppet: Puppet } => {
    if (now === undefined) throw new Error('no test is running');
    return now;
  };
  beforeAll(async () => {
    program = await bundlePuppet();
  });
  afterAll(() => {
    fs.rmSync(program, { force: true });
  });
  beforeEach(() => {
    const weld = new WeldFolder();
    now = { weld, puppet: Puppet.start(program, weld.dir, uid) };
  });
  afterEach(async () => {
    await now?.puppet.kill();
    now?.weld.remove();
    now = undefined;
  });
  return {
    get weld() {
      return current().weld;
    },
    get puppet() {
      return current().puppet;
    },
  };
}
