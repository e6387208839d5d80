import { bundled as program } from '../../../../support/bundles';

/** A script of this folder as one file that plain node runs. */
export const bundled = (name: 'crash' | 'successor'): string => program(`test/unit/core/steps/support/${name}.ts`);
