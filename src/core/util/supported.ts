import { WeldError } from './errors';

/** The message for Windows, where Weld refuses to work. */
export const UNSUPPORTED =
  'Weld does not work on Windows yet: an agent there could outlive the editor unseen; open the folder in WSL or ' +
  'a dev container instead, here it can only be read.';

/** The warning for macOS. */
export const EXPERIMENTAL =
  'macOS is experimental: Weld has been tested on Linux only, and cannot shut agents and checks in here.';

/** Refuses Windows: nothing is changed and no guest started there. @throws WeldError `PLATFORM_UNSUPPORTED` */
export function assertSupported(platform: NodeJS.Platform = process.platform): void {
  if (platform === 'win32') throw new WeldError('PLATFORM_UNSUPPORTED', UNSUPPORTED);
}
