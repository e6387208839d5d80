import { type Connection, TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import * as z from 'zod';
import { MAX_CONFIG_LENGTH } from '../core/config';
import { type Plan, PlanParser } from '../core/plan';
import type { Place } from './disk';

/** Above these a document is not looked into: every answer would come too late. In UTF-16 units and lines. */
const MAX_LENGTH = 32_000_000;
const MAX_LINES = 120_000;

/** An open document that is the server's. */
export class OpenDocument {
  private parser: PlanParser | undefined;
  private parsed: { readonly version: number; readonly plan: Plan } | undefined;

  /** Whether nothing more is to be said of it. */
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

  /** The plan as the text stands now; parsed once a version, at the cost of what changed. */
  plan(): Plan {
    if (this.parsed?.version === this.text.version) return this.parsed.plan;
    this.parser ??= new PlanParser();
    const plan = this.tooLarge ? EMPTY : this.parser.parse(this.text.getText());
    this.parsed = { version: this.text.version, plan };
    return plan;
  }

  /** A line's text without its end. */
  line(at: number): string {
    return this.text
      .getText({ start: { line: at, character: 0 }, end: { line: at + 1, character: 0 } })
      .replace(/(?<![\r\n])[\r\n]+$/u, '');
  }
}

const EMPTY: Plan = { steps: [], warnings: [], format: 'none' };

interface DocumentHooks {
  /** A document has become one of the server's. */
  readonly opened: (document: OpenDocument) => void;
  readonly changed: (document: OpenDocument) => void;
  readonly closed: (uri: string) => void;
}

/** The open documents, each classified when it opens and when settings change. */
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
   * Looks again which documents are ours. @returns those that are none any more, or of another kind: what was said of
   * them is void
   */
  reclassify(): readonly string[] {
    const before = [...this.open];
    this.open.clear();
    for (const document of this.texts.all()) this.classify(document);
    // What is still asked of the disk for the old one must not be said of the new.
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

/** Settings as they come through the protocol; what is missing or wrong has its default. */
const SettingsSchema = z.object({
  /** Which Markdown files outside of `.weld` are plans, as globs. */
  planFiles: z.array(z.string()).catch(['**/*.plan.md']).default(['**/*.plan.md']),
  lenses: z.boolean().catch(true).default(true),
});
export type ServerSettings = z.infer<typeof SettingsSchema>;

export function readSettings(value: unknown): ServerSettings {
  const parsed = SettingsSchema.safeParse(value ?? {});
  return parsed.success ? parsed.data : SettingsSchema.parse({});
}
