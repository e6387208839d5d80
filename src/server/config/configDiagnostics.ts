import { pathToFileURL } from 'node:url';
import { type CodeAction, CodeActionKind, type Connection, type Diagnostic } from 'vscode-languageserver/node';
import type { WeldPaths } from '../../core/artifacts/paths';
import { readText } from '../../core/artifacts/store';
import { CHECK_SETTINGS, type Config, checkConfig, commandWords, type Located, locateKey } from '../../core/config';
import { isProvider, PROVIDER_NAMES, PROVIDERS } from '../../core/config/providers';
import type { Range } from '../../core/plan';
import { reason } from '../../core/util/errors';
import type { DiagnosticCode, DocLinks } from '../codes';
import type { Disk } from '../disk';
import type { OpenDocument } from '../documents';
import { diagnose, type Findings, FindingsCollector } from '../findings';
import { DOCUMENT_START, rangeInLine } from '../ranges';

/** Diagnostics of `config.toml`: all problems that the runtime finds in it, and programs that are not installed. */
export function configDiagnostics(document: OpenDocument, disk: Disk, links: DocLinks): Findings {
  const findings = new FindingsCollector(links);
  const { config, problems, keys: locate } = checkConfig(document.text.getText());
  if (document.tooLarge) {
    findings.add('config-unreadable', DOCUMENT_START, problems[0]?.message ?? '');
    return findings.all;
  }
  for (const { path, severity, message, line, column } of problems) {
    if (path === undefined) {
      findings.add('config-syntax', placeRange(document, line, column), message);
      continue;
    }
    const code = severity === 'error' ? 'config-value' : 'config-unknown-key';
    const key = locateKey(locate(), path);
    const range = key === undefined ? placeRange(document, line, column) : keyRange(document, key, code);
    findings.add(code, range, message);
  }
  for (const { path, program } of config === null ? [] : programs(config)) {
    if (!findings.isMissing(disk.programExists(document.place.paths.top, program))) continue;
    const key = locateKey(locate(), path);
    if (key !== undefined)
      findings.add(
        'config-missing-program',
        keyRange(document, key, 'config-value'),
        `${program} is not installed or not on the PATH.`,
      );
  }
  return findings.all;
}

/** The programs that the settings would start, each with the path of the key that names it. */
function programs(config: Config): readonly { readonly path: readonly string[]; readonly program: string }[] {
  const found: { path: readonly string[]; program: string }[] = [];
  for (const [name, command] of Object.entries(config.checks)) {
    if (CHECK_SETTINGS.includes(name) || typeof command !== 'string') continue;
    const words = commandWords(command);
    if (words.ok) found.push({ path: ['checks', name], program: words.file });
  }
  for (const name of PROVIDER_NAMES) {
    const exec = config[name].exec;
    if (exec !== undefined) found.push({ path: [name, 'exec'], program: exec });
  }
  for (const [task, model] of Object.entries(config.task_models)) {
    if (model.exec !== undefined) found.push({ path: ['task_models', task, 'exec'], program: model.exec });
    else if (isProvider(model.provider) && config[model.provider].exec === undefined)
      found.push({ path: ['task_models', task, 'provider'], program: PROVIDERS[model.provider].program });
  }
  return found;
}

/** The range of the value when the value is wrong, else the range of the key. */
function keyRange(document: OpenDocument, key: Located, code: DiagnosticCode): Range {
  const [from, to] = code === 'config-value' ? (key.value ?? key.key) : key.key;
  return { start: document.text.positionAt(from), end: document.text.positionAt(to) };
}

function placeRange(document: OpenDocument, line = 1, column = 1): Range {
  const at = Math.min(Math.max(0, line - 1), document.text.lineCount - 1);
  const text = document.line(at);
  const character = Math.min(Math.max(0, column - 1), text.length);
  return rangeInLine(at, Math.min(character, Math.max(0, text.length - 1)), text.length);
}

/** Quick fixes that write the name which the diagnostic suggests. */
export function configFixes(document: OpenDocument, diagnostics: readonly Diagnostic[]): CodeAction[] {
  return diagnostics.flatMap((diagnostic): CodeAction[] => {
    const message = typeof diagnostic.message === 'string' ? diagnostic.message : diagnostic.message.value;
    const meant = /did you mean "([\w.-]+)"\?\)?$/u.exec(message)?.[1];
    const typed = document.text.getText(diagnostic.range);
    if (
      meant === undefined ||
      diagnostic.code !== 'config-unknown-key' ||
      !/^[\w.-]+$/u.test(typed) ||
      typed === 'order'
    )
      return [];
    const edits = [{ range: diagnostic.range, newText: meant }];
    return [
      {
        title: `Write "${meant}"`,
        kind: CodeActionKind.QuickFix,
        isPreferred: true,
        diagnostics: [diagnostic],
        edit: {
          documentChanges: [{ textDocument: { uri: document.text.uri, version: document.text.version }, edits }],
        },
      },
    ];
  });
}

/**
 * Reports a `config.toml` that no editor can open, such as a folder of that name. Otherwise its settings would have no
 * effect without any message.
 */
export class UnreadableConfigs {
  /** The published message of each URI. */
  private readonly said = new Map<string, string>();
  /** Reads one at a time, so that an older result never replaces a newer one. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    private readonly links: DocLinks,
  ) {}

  /**
   * Tries to read the settings of each repository.
   * @param open whether a URI is open in the editor: open settings are checked as a document instead
   */
  look(repositories: readonly WeldPaths[], open: (uri: string) => boolean): Promise<void> {
    this.turn = this.turn.then(() => this.read(repositories, open));
    return this.turn;
  }

  private async read(repositories: readonly WeldPaths[], open: (uri: string) => boolean): Promise<void> {
    const configs = new Map(repositories.map(({ config }) => [pathToFileURL(config).href, config]));
    for (const uri of this.said.keys()) if (!configs.has(uri)) this.say(uri, '', open);
    await Promise.all(
      [...configs].map(async ([uri, file]) => {
        this.say(uri, await readText(file).then(() => '', reason), open);
      }),
    );
  }

  private say(uri: string, found: string, open: (uri: string) => boolean): void {
    const shown = open(uri);
    const message = shown ? '' : found;
    if ((this.said.get(uri) ?? '') === message) return;
    if (message === '') this.said.delete(uri);
    else this.said.set(uri, message);
    if (!shown)
      void this.connection.sendDiagnostics({
        uri,
        diagnostics: message === '' ? [] : [diagnose(this.links, 'config-unreadable', DOCUMENT_START, message)],
      });
  }
}
