import { installFloor } from './install-floor';
import { installNewest } from './install-newest';
import type { ServerFiles } from './lay-down';

/**
 * The VS Code server that tests run in: the newest, with `WELD_HOST=floor` the lowest that Weld runs in;
 * `WELD_HOST_VSCODE` and `WELD_HOST_NODE` name another one. @throws when it cannot be laid down here
 */
export async function installServer(): Promise<ServerFiles> {
  const given = process.env['WELD_HOST_VSCODE'];
  if (given) return { vscode: given, node: process.env['WELD_HOST_NODE'] ?? process.execPath };
  return process.env['WELD_HOST'] === 'floor' ? installFloor() : installNewest();
}
