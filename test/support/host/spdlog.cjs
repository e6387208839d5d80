// Replaces the native module @vscode/spdlog in the VS Code server: appends lines to the log file.
const fs = require('node:fs');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

class Logger {
  constructor(file) {
    this.file = file;
    this.level = 2;
    this.raw = false;
  }
  setPattern() {}
  flush() {}
  drop() {}
  clearFormatters() {
    this.raw = true;
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  write(level, message) {
    if (level < this.level) return;
    const now = new Date();
    const local = new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 23).replace('T', ' ');
    try {
      fs.appendFileSync(this.file, this.raw ? message : `${local} [${LEVELS[level]}] ${message}\n`);
    } catch {
      // A test that cleans up before the server has ended removes the log folder.
    }
  }
}
['trace', 'debug', 'info', 'warn', 'error', 'critical'].forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    this.write(level, message);
  };
});

const create = async (_name, file) => {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  return new Logger(file);
};

// Assigned one by one: import() finds the exports of a CommonJS module in its source text.
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
