#!/usr/bin/env node
// @vscode/test-electron needs a single executable file; this one passes its arguments to launcher.ts.
require('tsx/cjs/api').register();
require('./launcher.ts');
