#!/usr/bin/env node
// @vscode/test-electron wants one executable file; this one hands its arguments to launcher.ts.
require('tsx/cjs/api').register();
require('./launcher.ts');
