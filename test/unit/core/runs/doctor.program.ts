// `doctor.program.cjs <repository>`: what doctor says of it, as JSON; a program of its own, to be run as another user.

import { openProject } from '../../../../src/core/openProject';
import { doctor } from '../../../../src/core/runs/doctor';
import { silentLogger } from '../../../../src/core/util/logger';

void doctor(() => openProject(process.argv[2] ?? '', { log: silentLogger, supervisorPath: '', storage: '' }), {
  trusted: true,
}).then(({ lines }) => {
  process.stdout.write(JSON.stringify(lines));
});
