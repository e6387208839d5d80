import { preventionFor } from '../../guard';
import type { Project } from '../../project';
import { type DoctorLine, ok, warning } from './types';

/** Whether programs that run the repository's code can be shut in, and if not, why. */
export async function guardLines(project: Project): Promise<DoctorLine[]> {
  const prevention = await preventionFor(project, { make: false });
  if (!prevention.ok)
    return [
      warning(
        `Agents, checks and hooks cannot be shut in (${prevention.why}): what they change of Weld's own is ` +
          'noticed afterwards and put back.',
        'Install bubblewrap, where the system has it.',
      ),
    ];
  const nested = prevention.nests
    ? ''
    : ' Claude Code and Codex are not: their own sandboxes do not work inside another one here.';
  return [ok(`Agents, checks and hooks are shut in by bubblewrap: they cannot write Weld's own files.${nested}`)];
}
