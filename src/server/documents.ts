import { type Connection, TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import * as z from 'zod';
import { MAX_CONFIG_LENGTH } from '../core/config';
import { type Plan, PlanParser } from '../core/plan';
import type { Place } from './disk';

/** Maximum length of a document that is parsed; a longer one takes too long. In UTF-16 units. */
const MAX_LENGTH = 32_000_000;
/** Maximum number of lines of a document that is parsed. */
const MAX_LINES = 120_000;

/** An open document that the server handles. */
export class OpenDocument {
  private parser: PlanParser | undefined;
  private parsed: { readonly version: number; readonly plan: Plan } | undefined;

  /** Once true, late results for this document are dropped. */
  closed = false;

  constructor(
    readonly place: Place,
    public text: TextDocument,
  ) {}

  get tooLarge(): boolean {
    if (this.place.kind === 'config') return this.length > MAX_CONFIG_LENGTH;
    return this.length > MAX_LENGTH || this.text.lineCount > MAX_LINES;
  }

  /** In UTF-16 units. */
  get length(): number {
    return this.text.offsetAt({ line: this.text.lineCount, character: 0 });
  }

  /** The plan in the current text. Parsed once per version; the parser reuses steps that have not changed. */
  plan(): Plan {
    if (this.parsed?.version === this.text.version) return this.parsed.plan;
    this.parser ??= new PlanParser();
    const plan = this.tooLarge ? EMPTY : this.parser.parse(this.text.getText());
    this.parsed = { version: this.text.version, plan };
    return plan;
  }

  /** The text of a line, without its line break. @param at line number, from 0 */
  line(at: number): string {
    return this.text
      .getText({ start: { line: at, character: 0 }, end: { line: at + 1, character: 0 } })
      .replace(/(?<![\r\n])[\r\n]+$/u, '');
  }
}

const EMPTY: Plan = { steps: [], warnings: [], format: 'none' };

interface DocumentHooks {
  /** Called when the server starts to handle a document. */
  readonly opened: (document: OpenDocument) => void;
  readonly changed: (document: OpenDocument) => void;
  readonly closed: (uri: string) => void;
}

/** The open documents. Each is classified when it opens and when the settings change. */
export class Documents {
  private readonly texts = new TextDocuments(TextDocument);
  private readonly open = new Map<string, OpenDocument>();

  constructor(
    connection: Connection,
    private readonly placeOf: (uri: string) => Place | null,
    private readonly hooks: DocumentHooks,
  ) {
    this.texts.onDidChangeContent(({ document }) => {
      const known = this.open.get(document.uri) ?? this.classify(document);
      if (known === undefined) return;
      known.text = document;
      hooks.changed(known);
    });
    this.texts.onDidClose(({ document }) => {
      const known = this.open.get(document.uri);
      if (known === undefined) return;
      known.closed = true;
      this.open.delete(document.uri);
      hooks.closed(document.uri);
    });
    this.texts.listen(connection);
  }

  get(uri: string): OpenDocument | undefined {
    return this.open.get(uri);
  }

  get all(): readonly OpenDocument[] {
    return [...this.open.values()];
  }

  /**
   * Classifies all open documents again.
   * @returns URIs whose diagnostics are stale: the server no longer handles them, or handles them as another kind
   */
  reclassify(): readonly string[] {
    const before = [...this.open];
    this.open.clear();
    for (const document of this.texts.all()) this.classify(document);
    // Results still pending for the old object must not be published for the new one.
    for (const [, document] of before) document.closed = true;
    return before.flatMap(([uri, { place }]) => (this.open.get(uri)?.place.kind === place.kind ? [] : [uri]));
  }

  private classify(document: TextDocument): OpenDocument | undefined {
    const place = this.placeOf(document.uri);
    if (place === null) return undefined;
    const opened = new OpenDocument(place, document);
    this.open.set(document.uri, opened);
    this.hooks.opened(opened);
    return opened;
  }
}

/** The settings of the client. Missing or invalid values get their defaults. */
const SettingsSchema = z.object({
  /** Globs of the Markdown files outside `.weld` that are plans. */
  planFiles: z.array(z.string()).catch(['**/*.plan.md']).default(['**/*.plan.md']),
  lenses: z.boolean().catch(true).default(true),
});
export type ServerSettings = z.infer<typeof SettingsSchema>;

export function readSettings(value: unknown): ServerSettings {
  const parsed = SettingsSchema.safeParse(value ?? {});
  return parsed.success ? parsed.data : SettingsSchema.parse({});
}
