import { installFloor } from './install-floor';
import { installNewest } from './install-newest';
import type { ServerFiles } from './lay-down';

/**
 * The VS Code server for tests: the newest, or with `WELD_HOST=floor` the lowest that Weld supports; `WELD_HOST_VSCODE`
 * and `WELD_HOST_NODE` name another one. @throws if it cannot be installed here
 */
export async function installServer(): Promise<ServerFiles> {
  const given = process.env['WELD_HOST_VSCODE'];
  if (given) return { vscode: given, node: process.env['WELD_HOST_NODE'] ?? process.execPath };
  return process.env['WELD_HOST'] === 'floor' ? installFloor() : installNewest();
}
