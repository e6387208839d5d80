// Runs inside the server's extension host in place of the real test entry: sends the tests' output through a pipe, and
// writes a marker once they have passed. Without the marker a crashed host would look like success.
const fs = require('node:fs');
const util = require('node:util');
const { Writable } = require('node:stream');
const { pathToFileURL } = require('node:url');

exports.run = async () => {
  const pipe = process.env.VSCODE_TEST_LAUNCHER_OUT;
  const fd = fs.openSync(pipe, 'a');
  const put = (what) => {
    const bytes = Buffer.from(what);
    for (let at = 0; at < bytes.length; )
      try {
        at += fs.writeSync(fd, bytes, at);
      } catch (error) {
        if (error.code !== 'EAGAIN') return;
      }
  };
  // The host's properties are accessors that ignore assignment.
  const replace = (object, name, value) =>
    Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true });
  for (const name of ['log', 'info', 'debug', 'warn', 'error'])
    replace(console, name, (...words) => put(`${util.format(...words)}\n`));
  for (const name of ['stdout', 'stderr'])
    replace(
      process,
      name,
      new Writable({
        decodeStrings: false,
        write(chunk, _encoding, done) {
          put(chunk);
          done();
        },
      }),
    );
  try {
    const entry = await import(pathToFileURL(process.env.VSCODE_TEST_LAUNCHER_ENTRY).href);
    await (entry.run ?? entry.default.run)();
    fs.writeFileSync(`${pipe}.passed`, '');
  } catch (error) {
    put(`Test run failed: ${(error && error.stack) || error}\n`);
    throw error;
  }
};
