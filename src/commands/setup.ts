import * as vscode from 'vscode';
import * as z from 'zod';
import { type DoctorLine, doctor as examine } from '../core/runs/doctor';
import { init as initRepository } from '../core/runs/start';
import { COMMANDS } from '../ids';
import { button } from '../platform/invoke';
import { announce } from '../ui/messages';
import { withProgress } from '../ui/progress';
import { type Services, startingCommand, windowCommand } from './define';

/** *Initialize Repository*: writes .weld with a configuration. */
export const init = startingCommand({
  id: COMMANDS.init,
  args: z.object({}),
  progress: () => 'Preparing the repository for Weld',
  run: async (project) => {
    await initRepository(project);
    return {};
  },
  done: ({ repository }) => {
    announce(
      'info',
      `${repository.name} is ready for Weld. The checks that every step must pass are in .weld/config.toml.`,
      [button('Open Configuration', COMMANDS.openConfig), button('Start Run…', COMMANDS.runStart)],
    );
  },
});

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
