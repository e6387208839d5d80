export { CHECK_SETTINGS, checkConfig, isCategory, MAX_CONFIG_LENGTH } from './check';
export { defaultConfigToml } from './defaults';
export { describeConfig, describeKey, type KeyDescription } from './describe';
export { loadConfig } from './load';
export { locateKey, locateKeys, type Located } from './locate';
export { ConfigSchema, type Config, type TaskModel } from './schema';
export type { ConfigProblem, LoadedConfig } from './types';
export { editTaskModels, type TaskModelChanges } from './edit';
export { writeTaskModels } from './write';
