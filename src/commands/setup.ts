import * as vscode from 'vscode';
import * as z from 'zod';
import type { FirstChoices } from '../core/config';
import { PROVIDER_NAMES } from '../core/config/providers';
import { type DoctorLine, doctor as examine } from '../core/runs/doctor';
import { init as initRepository } from '../core/runs/start';
import { WeldError } from '../core/util/errors';
import { listed } from '../core/util/text';
import { COMMANDS } from '../ids';
import { button } from '../platform/invoke';
import { agentName } from '../ui/agentHelp';
import { announce } from '../ui/messages';
import { withProgress } from '../ui/progress';
import { type Services, startingCommand, windowCommand } from './define';
import { askFirstChoices } from './firstChoices';

/** *Initialize Repository*: writes .weld with a configuration, and changes nothing that is there. */
export const init = startingCommand({
  id: COMMANDS.init,
  args: z.object({
    checks: z.record(z.string(), z.string()).optional(),
    agents: z.array(z.enum(PROVIDER_NAMES)).optional(),
  }),
  progress: () => 'Preparing the repository for Weld',
  ask: ({ repository: { project } }, given) => askFirstChoices(project, given),
  run: async (project, choices) => {
    const { created } = await initRepository(project, choices);
    const { config } = project.paths;
    if ((choices.checks ?? choices.agents) && !created.includes(project.paths.relative(config)))
      throw new WeldError(
        'INVALID_ARGUMENT',
        `${config} exists already, so checks and agents were not written; change it in the editor.`,
      );
    return {};
  },
  done: ({ repository }, { checks, agents }) => {
    const folder = repository.project.top;
    announce('info', `${repository.name} is ready for Weld. ${choiceWords(checks, agents)}`, [
      button('Open Configuration', COMMANDS.openConfig, { folder }),
      button('Start Run…', COMMANDS.runStart, { folder }),
    ]);
  },
});

function choiceWords(checks: FirstChoices['checks'], agents: FirstChoices['agents']): string {
  if (!checks || !agents) return 'The checks that every step must pass are in .weld/config.toml.';
  const names = Object.keys(checks);
  const writes = agentName(agents[0] ?? 'manual');
  const reviews = agentName(agents.at(-1) ?? 'manual');
  return [
    names.length === 0 ? 'No checks yet: add them to .weld/config.toml.' : `Every step must pass ${listed(names)}.`,
    writes === reviews ? `${writes} will do every task.` : `${writes} will do the work, ${reviews} the reviews.`,
  ].join(' ');
}

const ICONS: Record<DoctorLine['level'], string> = { ok: '$(pass)', warning: '$(warning)', failure: '$(error)' };

const ORDER: Record<DoctorLine['level'], number> = { failure: 0, warning: 1, ok: 2 };

/**
 * Examines git, agents, checks, rights and the lock; each line says what to do. It works without a repository and in
 * Restricted Mode too, and reports both.
 */
export const doctor = windowCommand({
  id: COMMANDS.doctor,
  args: z.object({ folder: z.string().optional() }),
  run: async (services, { folder }, silent) => {
    const inspect = (): ReturnType<typeof examine> =>
      examine(async () => (await services.repositories.resolve(folder)).project, {
        trusted: vscode.workspace.isTrusted,
      });
    return silent ? inspect() : withProgress('Checking the setup', () => undefined, inspect);
  },
  done: async ({ services }, _args, { lines }) => {
    await showLines(services, lines);
  },
});

async function showLines({ log }: Services, lines: readonly DoctorLine[]): Promise<void> {
  for (const line of lines) log.info(`${line.level}: ${line.text}${line.fix === undefined ? '' : ` → ${line.fix}`}`);
  const problems = lines.filter((line) => line.level !== 'ok').length;
  const items = [...lines]
    .sort((a, b) => ORDER[a.level] - ORDER[b.level])
    .map((line) => ({
      label: `${ICONS[line.level]} ${line.text}`,
      ...(line.fix !== undefined && { detail: line.fix }),
    }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Weld: Setup',
    matchOnDetail: true,
    placeHolder:
      problems === 0
        ? 'Everything is in order.'
        : `${problems} of ${lines.length} ${problems === 1 ? 'needs' : 'need'} attention; the list is in the log too.`,
  });
  if (picked) log.show();
}
