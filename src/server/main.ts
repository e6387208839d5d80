import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

const TRANSPORT = /^--(?:stdio|node-ipc|socket=.+|pipe=.+)$/u;

// Without a transport on the command line the library would end with a stack trace instead of a sentence.
if (process.argv.some((word) => TRANSPORT.test(word))) startServer(createConnection(ProposedFeatures.all), __dirname);
else {
  process.stderr.write(
    'The language server of Weld speaks to an editor: start it with --stdio, --node-ipc, --socket=<port> or ' +
      '--pipe=<name>.\n',
  );
  process.exitCode = 1;
}
