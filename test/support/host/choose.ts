import * as path from 'node:path';
import { ensureBrowser } from './browser';
import { findDesktop } from './desktop';
import { installServer } from './install-server';

/** A VS Code that takes the desktop executable's flags. */
export interface Host {
  readonly kind: 'desktop' | 'server';
  readonly executable: string;
}

const launcher = path.join(import.meta.dirname, 'launcher.cjs');

/**
 * The desktop where it can be had and starts, else the server under headless Chromium with all that it needs laid down.
 */
export async function chooseHost(): Promise<Host> {
  const executable = await findDesktop();
  if (executable !== undefined) return { kind: 'desktop', executable };
  await Promise.all([installServer(), ensureBrowser()]);
  return { kind: 'server', executable: launcher };
}
