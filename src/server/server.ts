import * as path from 'node:path';
import {
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  WatchKind,
} from 'vscode-languageserver/node';
import { Checker } from './checker';
import {
  adaptActions,
  adaptCompletion,
  adaptSymbols,
  adaptTargets,
  type ClientCapabilities,
  readClientCapabilities,
} from './clientCapabilities';
import { DocLinks, docsFile } from './codes';
import { configCompletion, configHover } from './config/configCompletion';
import { configFixes, UnreadableConfigs } from './config/configDiagnostics';
import { belongsToLock, Disk, placeOf, toPath, topAbove } from './disk';
import { Documents, type OpenDocument, readSettings } from './documents';
import { criterionIssues } from './plan/criteria';
import { fileLinks } from './plan/fileLinks';
import { planHover } from './plan/hover';
import { planLenses, withoutCommands } from './plan/lenses';
import { planFolds, planOutline } from './plan/outline';
import { planCompletion } from './plan/planCompletion';
import { planFixes } from './plan/quickFixes';
import { type RunView, RunViews } from './runViews';
import { mayNameSpec, Specs } from './specs';

/** What the server knows about its client. */
interface Client {
  readonly configuration: boolean;
  readonly watches: boolean;
  readonly refreshesLenses: boolean;
  readonly capabilities: ClientCapabilities;
  /** Whether the client has the extension's commands and draws icons in titles. */
  readonly commands: boolean;
  /** Absolute path of the folder with the seals; empty when the client names none. */
  readonly storage: string;
  /** Whether the client accepts dynamic registration of documents. */
  readonly registers: boolean;
  /** Absolute paths of the workspace folders at the start. */
  readonly folders: readonly string[];
  /** Whether the client reports workspace folders. */
  readonly tellsFolders: boolean;
  /** Process id of the editor; null when the client does not say. */
  readonly pid: number | null;
}

/** Delay after file events, so that the many changes of a checkout cause one round of checks. In ms. */
const RECHECK_MS = 150;

/**
 * Connects all features to the client and listens.
 * @param serverDir absolute path of the folder of the server's bundle, to find the packaged documentation
 */
export function startServer(connection: Connection, serverDir: string): void {
  let client = readClient({ capabilities: {}, processId: null, rootUri: null });
  let settings = readSettings({});
  let recheck: NodeJS.Timeout | undefined;
  const disk = new Disk(() => {
    checkAllSoon();
  });
  const links = new DocLinks(docsFile(serverDir));
  const checker = new Checker(connection, disk, links);
  const configs = new UnreadableConfigs(connection, links);
  const refreshLenses = (): void => {
    if (client.refreshesLenses) void connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  };
  const views = new RunViews(refreshLenses, () => client.storage);
  const specs = new Specs(connection, () => {
    reclassify();
  });
  const documents = new Documents(connection, (uri) => placeOf(uri, settings.planFiles) ?? specs.place(uri), {
    opened: ({ place }) => {
      // Its repository may be below the workspace folders, where the server has not looked for runs yet.
      void specs.look([place.paths.top], client.registers);
      lookAtConfigs();
    },
    changed: (document) => {
      checker.soon(document);
    },
    closed: (uri) => {
      checker.clear(uri);
      forgetClosedRuns();
      lookAtConfigs();
    },
  });
  const lookAtConfigs = (): void => {
    void configs.look(
      documents.all.map(({ place }) => place.paths),
      (uri) => documents.get(uri) !== undefined,
    );
  };
  const forgetClosedRuns = (): void => {
    views.keep(
      new Set(documents.all.flatMap(({ place }) => (place.run === undefined ? [] : [place.paths.run(place.run).root]))),
    );
  };
  const checkAllSoon = (): void => {
    recheck ??= setTimeout(() => {
      recheck = undefined;
      for (const document of documents.all) checker.soon(document);
      lookAtConfigs();
    }, RECHECK_MS);
  };
  const reclassify = (): void => {
    for (const uri of documents.reclassify()) checker.clear(uri);
    for (const document of documents.all) checker.soon(document);
  };
  const viewOf = async (document: OpenDocument): Promise<RunView | null> =>
    document.place.run === undefined ? null : views.view(document.place.paths, document.place.run);
  const plan = (uri: string): OpenDocument | null => {
    const document = documents.get(uri);
    return document?.place.kind === 'plan' ? document : null;
  };

  connection.onInitialize((params): InitializeResult => {
    client = readClient(params);
    settings = readSettings((params.initializationOptions as { settings?: unknown } | undefined)?.settings);
    return {
      serverInfo: { name: 'Weld Language Server' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        hoverProvider: true,
        definitionProvider: true,
        documentLinkProvider: {},
        codeLensProvider: {},
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        completionProvider: { triggerCharacters: ['#', '`', '/', '[', '=', '"', ' '] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  const useSettings = async (given: unknown): Promise<void> => {
    const value: unknown = client.configuration
      ? await connection.workspace.getConfiguration('weld.plans').catch(() => undefined)
      : (given as { weld?: { plans?: unknown } } | undefined)?.weld?.plans;
    // Some clients answer null for settings that are not set.
    if (value === undefined || value === null) return;
    const { lenses } = settings;
    settings = readSettings(value);
    reclassify();
    if (settings.lenses !== lenses) refreshLenses();
  };
  connection.onInitialized(() => {
    if (client.configuration)
      void connection.client
        .register(DidChangeConfigurationNotification.type, { section: 'weld.plans' })
        .catch(() => undefined);
    if (client.watches)
      void connection.client
        .register(DidChangeWatchedFilesNotification.type, {
          watchers: [
            { globPattern: '**/.weld/**' },
            { globPattern: '**/*', kind: WatchKind.Create | WatchKind.Delete },
          ],
        })
        .catch(() => undefined);
    void useSettings(undefined);
    void specs.look(client.folders, client.registers);
    if (client.tellsFolders)
      connection.workspace.onDidChangeWorkspaceFolders(({ added }) => void specs.look(paths(added), client.registers));
  });
  connection.onDidChangeConfiguration(({ settings: given }) => void useSettings(given));
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const changed = paths(changes);
    for (const file of changed) views.touched(file);
    if (changed.every(belongsToLock)) return;
    const tops = new Set(changed.filter(mayNameSpec).flatMap((file) => topAbove(`${file}${path.sep}`) ?? []));
    if (tops.size > 0) void specs.look(tops, client.registers);
    disk.forget();
    checkAllSoon();
  });

  connection.onDocumentSymbol(({ textDocument }) => {
    const document = plan(textDocument.uri);
    return document === null ? [] : adaptSymbols(planOutline(document.plan()), textDocument.uri, client.capabilities);
  });
  connection.onFoldingRanges(({ textDocument }) => {
    const document = plan(textDocument.uri);
    return document === null ? [] : planFolds(document.plan());
  });
  connection.onHover(async ({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (document?.place.kind === 'config') return configHover(document, position);
    return document?.place.kind === 'plan' ? planHover(document.plan(), await viewOf(document), position) : null;
  });
  connection.onCompletion(async ({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (document?.place.kind === 'config') return configCompletion(document, position);
    return document?.place.kind === 'plan'
      ? adaptCompletion(await planCompletion(document, position), client.capabilities)
      : [];
  });
  connection.onDefinition(async ({ textDocument, position }) => {
    const document = plan(textDocument.uri);
    const view = document === null ? null : await viewOf(document);
    return document === null || view === null
      ? null
      : adaptTargets(await criterionIssues(document.plan(), view, position), client.capabilities);
  });
  connection.onDocumentLinks(async ({ textDocument }) => {
    // Not every client reports new files, so look for a new run now.
    if (documents.get(textDocument.uri) === undefined) await specs.look(paths([textDocument]), client.registers);
    const document = documents.get(textDocument.uri);
    return document === undefined || document.place.kind === 'config' ? [] : fileLinks(document, disk);
  });
  connection.onCodeAction(({ textDocument, context }) => {
    const document = documents.get(textDocument.uri);
    const own = context.diagnostics.filter(({ source }) => source === 'Weld');
    if (document?.place.kind === 'config') return adaptActions(configFixes(document, own), client.capabilities);
    return document?.place.kind === 'plan'
      ? adaptActions(planFixes(document, own, client.capabilities.createsFiles), client.capabilities)
      : [];
  });
  connection.onCodeLens(async ({ textDocument }) => {
    const document = plan(textDocument.uri);
    if (document === null || document.place.run === undefined || !settings.lenses || document.tooLarge) return [];
    const view = await viewOf(document);
    // Commands act on the steps of the current plan; any other plan gets no lenses.
    if (view === null || view.planFile !== document.place.file) return [];
    const lenses = planLenses(document.plan().steps, view, {
      folder: document.place.paths.top,
      runId: document.place.run,
      hostPid: client.pid,
    });
    return client.commands ? [...lenses] : withoutCommands(lenses);
  });
  connection.onShutdown(() => {
    clearTimeout(recheck);
    views.keep(new Set());
  });
  connection.listen();
}

function readClient(params: InitializeParams): Client {
  const { workspace, textDocument } = params.capabilities;
  return {
    configuration: workspace?.configuration === true,
    watches: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    capabilities: readClientCapabilities(params),
    commands: (params.initializationOptions as { commands?: unknown } | undefined)?.commands === true,
    storage: storageOf(params.initializationOptions),
    registers:
      textDocument?.synchronization?.dynamicRegistration === true &&
      textDocument.documentLink?.dynamicRegistration === true,
    folders: paths(params.workspaceFolders ?? []),
    tellsFolders: workspace?.workspaceFolders === true,
    pid: params.processId,
  };
}

/**
 * The storage folder that the extension names; empty for other clients, which show the state from the run's own files.
 */
function storageOf(options: unknown): string {
  const storage = (options as { storage?: unknown } | undefined)?.storage;
  return typeof storage === 'string' && path.isAbsolute(storage) ? storage : '';
}

const paths = (places: readonly { readonly uri: string }[]): string[] =>
  places.map(({ uri }) => toPath(uri)).filter((file) => file !== null);
