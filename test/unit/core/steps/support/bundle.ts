import { bundled as program } from '../../../../support/bundles';

/** The bundle of a script in this folder, which plain Node runs. */
export const bundled = (name: 'crash' | 'successor'): string => program(`test/unit/core/steps/support/${name}.ts`);
