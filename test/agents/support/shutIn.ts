import * as fs from 'node:fs';
import * as path from 'node:path';
import type { AgentResult } from '../../../src/core/agents/agent';
import type { GuardReport } from '../../../src/core/guard';
import { bundleOf } from '../../support/bundles';
import { own, runAs } from '../../support/users';
import { bundledSupervisor } from '../../unit/core/process/support';
import { pinnedPrograms } from '../programs/install';
import type { Kind } from './fake';
import type { World } from './world';

/** The task of the separate process. */
export interface ShutInTask {
  readonly kind: Kind;
  readonly exec: string;
  readonly access: 'edit' | 'read-only';
  readonly top: string;
  readonly storage: string;
  readonly supervisor: string;
}

export interface Told {
  readonly result: AgentResult;
  readonly report: GuardReport;
}

export const SHUT_IN = 'test/agents/support/shutIn.program.ts';

/** Runs a real agent under Weld's guard, as root or another user. @param uid default: the user of this process */
export async function askShutIn(world: World, kind: Kind, access: 'edit' | 'read-only', uid?: number): Promise<Told> {
  const folder = path.dirname(world.top);
  const file = path.join(folder, 'task.json');
  const storage = path.join(folder, 'storage');
  fs.mkdirSync(storage);
  fs.mkdirSync(path.join(folder, 'tmp'));
  fs.writeFileSync(
    file,
    JSON.stringify({
      kind,
      access,
      exec: pinnedPrograms()[kind],
      top: world.top,
      storage,
      supervisor: bundledSupervisor(),
    } satisfies ShutInTask),
  );
  if (uid !== undefined) for (const place of [folder, path.dirname(world.home)]) own(place, uid);
  const env = { ...world.env, TMPDIR: path.join(folder, 'tmp') };
  const ran = await runAs(uid, [bundleOf(SHUT_IN), file], { env, timeoutMs: 140_000 });
  if (!ran.stdout.startsWith('{"result"')) throw new Error(`the agent told nothing: ${ran.stdout}${ran.stderr}`);
  return JSON.parse(ran.stdout) as Told;
}
