// `window.require.cjs <folder of an extension>`: prints the processor ms of loading its code, with an empty `vscode`.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const folder = process.argv[2];
const { main } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** Stands for everything of the editor: it can be called, extended, made and asked for anything. */
const anything = new Proxy(function () {}, {
  get: (target, name) => (name === 'prototype' ? target.prototype : name === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
  construct: () => ({}),
});
/** A bundle may make a module of its own from what stands behind this one. */
const vscode = new Proxy({}, { get: () => anything, getPrototypeOf: () => anything });
const load = Module._load;
Module._load = function (name, ...rest) {
  return name === 'vscode' ? vscode : load.call(this, name, ...rest);
};

const before = process.cpuUsage();
require(path.join(folder, main));
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1000));
process.exit();
