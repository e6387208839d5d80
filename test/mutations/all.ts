import { ATTACKED } from '../attacks/rules';
import { FILES } from './files';
import { GATE } from './gate';
import { GIT } from './git';
import type { Mutation } from './mutation';
import { PLANS } from './plans';

export const MUTATIONS: readonly Mutation[] = [...ATTACKED, ...GATE, ...FILES, ...GIT, ...PLANS];
