import { bundleAll } from '../support/bundleAll';
import { bundles, PROGRAMS } from '../support/bundles';
import { bundleServer } from './server/support/workspace';

/** Bundles all programs that the tests start, once for all of them. */
export default (): Promise<() => void> => bundleAll(PROGRAMS, () => bundleServer(bundles));
