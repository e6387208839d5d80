import { WeldError } from '../util/errors';
import { checkConfig } from './checkConfig';
import { defaultConfigToml } from './describe';
import { editTaskModels } from './edit';
import { type Provider, TASKS } from './providers';

/** What a person or a caller has chosen for a repository that has no configuration yet. */
export interface FirstChoices {
  /** The command of each check category, in the order in which they are to run. */
  readonly checks?: Readonly<Record<string, string>> | undefined;
  /** The agents that do the tasks: the first one writes, the last one reviews. None: the person does everything. */
  readonly agents?: readonly Provider[] | undefined;
}

/**
 * The text of a new config.toml.
 * @throws WeldError `INVALID_ARGUMENT` when a check has a name or a command that config.toml cannot take
 */
export function newConfigToml(projectName: string, { checks = {}, agents = [] }: FirstChoices = {}): string {
  if (Object.keys(checks).length + agents.length === 0) return defaultConfigToml(projectName);
  const [writes, reviews] = [agents[0], agents.at(-1)];
  const models = TASKS.flatMap((task) => {
    const provider = task.endsWith('_review') ? reviews : writes;
    return provider === undefined ? [] : [[task, { provider }] as const];
  });
  const text = editTaskModels(defaultConfigToml(projectName, checks), Object.fromEntries(models));
  // A command that only a shell could run is a warning in a file, but nothing that Weld itself may write.
  const fault = checkConfig(text).problems.find(({ severity, path }) => severity === 'error' || path?.[0] === 'checks');
  if (fault) throw new WeldError('INVALID_ARGUMENT', `Nothing was written. ${fault.message}`);
  return text;
}
