import { bundleAll } from '../support/bundleAll';
import { installPrograms } from './programs/install';
import { SHUT_IN } from './support/shutIn';

/** Installs the real agents, and bundles the programs that start them. */
export default (): Promise<() => void> => bundleAll(['src/core/process/supervisor/main.ts', SHUT_IN], installPrograms);
