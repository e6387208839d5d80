import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

// `--stdio`, `--node-ipc`, `--socket=<port>` or `--pipe=<name>` on the command line choose how the server speaks.
startServer(createConnection(ProposedFeatures.all), __dirname);
