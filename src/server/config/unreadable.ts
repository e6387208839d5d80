import { pathToFileURL } from 'node:url';
import type { Connection } from 'vscode-languageserver/node';
import type { WeldPaths } from '../../core/artifacts/paths';
import { readText } from '../../core/artifacts/store';
import { reason } from '../../core/errors';
import type { DocLinks } from '../codes';
import { diagnose } from '../plan/diagnostics';

const START = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/**
 * Says what is wrong with a `config.toml` that no editor can open, such as a folder of that name: who works on a plan
 * of that repository would otherwise see the settings have no effect, and nothing else.
 */
export class UnreadableConfigs {
  private readonly said = new Map<string, string>();
  /** One look at a time, so that the last word is that of the last look. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    private readonly links: DocLinks,
  ) {}

  /**
   * Looks at the settings of each repository with open documents. @param open the documents' URIs: what is open is
   * checked as text
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
        diagnostics: message === '' ? [] : [diagnose(this.links, 'config-unreadable', START, message)],
      });
  }
}
