import * as path from 'node:path';
import { ensureBrowser } from './browser';
import { findDesktop } from './desktop';
import { installServer } from './install-server';

/** A VS Code that accepts the flags of the desktop executable. */
export interface Host {
  readonly kind: 'desktop' | 'server';
  readonly executable: string;
}

const launcher = path.join(import.meta.dirname, 'launcher.cjs');

/** The desktop build if it can be downloaded and starts; otherwise installs the server and headless Chromium. */
export async function chooseHost(): Promise<Host> {
  const executable = await findDesktop();
  if (executable !== undefined) return { kind: 'desktop', executable };
  await Promise.all([installServer(), ensureBrowser()]);
  return { kind: 'server', executable: launcher };
}
