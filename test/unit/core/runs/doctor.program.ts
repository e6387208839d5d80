// `doctor.program.cjs <repository>`: prints the doctor's findings as JSON; a separate program, so that it can run as
// another user.

import { openProject } from '../../../../src/core/openProject';
import { doctor } from '../../../../src/core/runs/doctor';
import { silentLogger } from '../../../../src/core/util/logger';

void doctor(() => openProject(process.argv[2] ?? '', { log: silentLogger, supervisorPath: '', storage: '' }), {
  trusted: true,
}).then(({ lines }) => {
  process.stdout.write(JSON.stringify(lines));
});
