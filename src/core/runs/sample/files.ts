import { TASKS } from '../../config/providers';
import { sampleRecording } from './recording';

/** The specification of the sample. */
export const SAMPLE_SPEC = `# Greetings

A small module that greets people.

- \`greet('Ada')\` gives \`Hello, Ada!\`
- the greeting can be asked for in English, French and Hungarian
- a language that is not known falls back to English
`;

/** Where the specification stands in the sample. */
export const SAMPLE_SPEC_PATH = 'docs/greetings.md';

/** The sample's checks run git alone, so that nothing has to be installed for them. */
const CHECKS = {
  style: 'git diff --check HEAD',
  words: 'git grep --untracked --quiet Hello -- src',
};

/** How long each recorded answer takes in the sample, so that a person can watch it. In ms. */
const PACE_MS = 800;

const readme = (folder: string): string => `# A sample run

A recording plays the agents here, so you need no account. Nothing you do here costs or breaks anything.

1. In the Runs view, click the first row, **Next**, and choose **Generate Plan**.
2. Click **Next** again and choose **Review Plan**. The reviewer revises the plan; choose **Apply**.
3. In the menu of the run **greetings**, choose **Run Remaining Steps…**, then **Run without Commits**. Step 2 fails
   its first review, is fixed and passes.
4. Unfold a step and an iteration to see its changes, checks and review.
5. Click **Next** to commit what passed.

The specification is \`${SAMPLE_SPEC_PATH}\`. Everything is in \`${folder}\`; delete that folder whenever you like.
`;

/**
 * The configuration in which the recording does every task.
 * @param checks the commands by category
 */
export function sampleConfig(checks: Readonly<Record<string, string>>): string {
  const commands = Object.entries(checks).map(([name, command]) => `${name} = ${JSON.stringify(command)}`);
  const models = TASKS.map((task) => `${task} = { provider = "replay" }`);
  const replay = ['[replay]', 'recording = ".weld/recording.json"'];
  const lines = ['[project]', 'name = "sample"', '', '[checks]', ...commands, '', ...replay, '', '[task_models]'];
  return `${[...lines, ...models].join('\n')}\n`;
}

/** The files of the sample before its run, by path. @param folder absolute path of the sample */
export function sampleFiles(folder: string): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', readme(folder)],
    [SAMPLE_SPEC_PATH, SAMPLE_SPEC],
    ['.weld/.gitignore', '*\n!.gitignore\n!config.toml\n'],
    ['.weld/config.toml', sampleConfig(CHECKS)],
    ['.weld/recording.json', JSON.stringify(sampleRecording(PACE_MS), null, 2)],
  ]);
}
