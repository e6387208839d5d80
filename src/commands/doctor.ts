import * as vscode from 'vscode';
import * as z from 'zod';
import { doctor as examine } from '../core/runs/doctor';
import { COMMANDS } from '../ids';
import { readingCommand } from './define';

const ICONS = { ok: '$(pass)', warning: '$(warning)', failure: '$(error)' } as const;

/** Examines git, agents, checks, rights and the lock; each line says what to do. */
export const doctor = readingCommand({
  id: COMMANDS.doctor,
  args: z.object({}),
  progress: () => 'Checking the setup',
  run: async (project) => ({ lines: await examine(project) }),
  done: async ({ services }, _args, { lines }) => {
    for (const line of lines) services.log.info(`${line.level}: ${line.text}${line.fix === undefined ? '' : ` → ${line.fix}`}`);
    const bad = lines.filter((line) => line.level !== 'ok').length;
    const items = lines.map((line) => ({ label: `${ICONS[line.level]} ${line.text}`, ...(line.fix !== undefined && { detail: line.fix }) }));
    const picked = await vscode.window.showQuickPick(items, { title: 'Weld: Setup', placeHolder: bad === 0 ? 'Everything is in order.' : `${bad} of ${lines.length} need a look; the list is in the log too.`, matchOnDetail: true });
    if (picked) services.log.show();
  },
});
