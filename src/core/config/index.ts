export { CHECK_SETTINGS, checkConfig, MAX_CONFIG_LENGTH } from './checkConfig';
export { commandWords } from './command';
export { defaultConfigToml, describeConfig, describeKey, type KeyDescription } from './describe';
export { editTaskModels, type TaskModelChanges, writeTaskModels } from './edit';
export { loadConfig } from './load';
export { type Located, locateKey, locateKeys } from './locate';
export type { ConfigProblem, LoadedConfig } from './schema';
export { type Config, ConfigSchema, type TaskModel } from './schema';
