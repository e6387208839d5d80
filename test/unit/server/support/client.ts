import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A message of the protocol, as received. */
interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Place {
  readonly line: number;
  readonly character: number;
}
export interface Span {
  readonly start: Place;
  readonly end: Place;
}
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly range: Span;
  readonly severity: number;
  readonly source: string;
  readonly codeDescription?: { readonly href: string };
}
export interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** A small client of the Language Server Protocol that shares no code with the server's library. */
export class LspClient {
  readonly published: Published[] = [];
  /** Requests and notifications of the server, in order of arrival. */
  readonly received: Message[] = [];
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private readonly listeners = new Set<() => void>();
  private readonly opened = new Set<string>();
  private nextId = 1;
  private bytes: Buffer = Buffer.alloc(0);
  private chunks: Buffer[] = [];
  private need = 0;
  private held = 0;
  exited: number | string | undefined;
  /** The answer to `workspace/configuration`. */
  settings: unknown = null;
  /** What other requests of the server get, by method; null when they are not named here. */
  readonly answers = new Map<string, (params: unknown) => unknown>();
  stderr = '';

  constructor(server: string, env: NodeJS.ProcessEnv = process.env, args: readonly string[] = ['--stdio']) {
    this.child = spawn(process.execPath, [server, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.read(chunk);
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.child.stdin.on('error', () => undefined);
    this.child.on('exit', (code, signal) => {
      this.exited = code ?? signal ?? 'unknown';
      for (const { reject } of this.waiting.values())
        reject(new Error(`the server ended (${this.exited}): ${this.stderr}`));
      this.waiting.clear();
      this.notify();
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async start(root: string, capabilities: object = {}, options: object = {}): Promise<Record<string, unknown>> {
    const result = await this.request('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(root).href,
      workspaceFolders: [{ uri: pathToFileURL(root).href, name: path.basename(root) }],
      capabilities: {
        workspace: {
          configuration: true,
          workspaceEdit: { documentChanges: true, resourceOperations: ['create'] },
          codeLens: { refreshSupport: true },
          ...capabilities,
        },
        textDocument: {
          completion: { completionItem: { snippetSupport: true } },
          definition: { linkSupport: true },
          documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        },
      },
      initializationOptions: { commands: true },
      ...options,
    });
    this.tell('initialized', {});
    return (result as { capabilities: Record<string, unknown> }).capabilities;
  }

  request<T = unknown>(method: string, params: unknown): Promise<T> {
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      if (this.exited !== undefined) {
        reject(new Error('the server has ended'));
        return;
      }
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.send({ id, method, params });
    });
  }

  tell(method: string, params: unknown): void {
    this.send({ method, params });
  }

  open(file: string, text: string, version = 1, languageId = file.endsWith('.toml') ? 'toml' : 'markdown'): string {
    const uri = pathToFileURL(file).href;
    this.opened.add(uri);
    this.tell('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });
    return uri;
  }

  change(
    uri: string,
    version: number,
    changes: readonly ({ readonly text: string } | { readonly range: Span; readonly text: string })[],
  ): void {
    this.tell('textDocument/didChange', { textDocument: { uri, version }, contentChanges: changes });
  }

  close(uri: string): void {
    this.opened.delete(uri);
    this.tell('textDocument/didClose', { textDocument: { uri } });
  }

  /** Closes open documents and clears received messages, for the next test on the same server. */
  forget(): void {
    for (const uri of [...this.opened]) this.close(uri);
    this.published.length = 0;
    this.received.length = 0;
  }

  last(uri: string): Published | undefined {
    return this.published.findLast((one) => one.uri === uri);
  }

  /** Waits until `seen` returns something. @throws after the deadline */
  async until<T>(seen: () => T | undefined | false, what: string, timeoutMs = 20_000): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const value = seen();
      if (value !== undefined && value !== false) return value;
      if (Date.now() > deadline) throw new Error(`${what} did not come within ${timeoutMs} ms\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 100);
        const listeners = this.listeners;
        function done(): void {
          clearTimeout(timer);
          listeners.delete(done);
          resolve();
        }
        this.listeners.add(done);
      });
    }
  }

  /** Waits for the diagnostics of a version. */
  async diagnostics(
    uri: string,
    version: number,
    accept: (diagnostics: readonly Diagnostic[]) => boolean = () => true,
  ): Promise<readonly Diagnostic[]> {
    return this.until(
      () => {
        const last = this.last(uri);
        return last?.version === version && accept(last.diagnostics) ? last.diagnostics : undefined;
      },
      `diagnostics of version ${version} of ${path.basename(fileURLToPath(uri))}`,
    );
  }

  async stop(): Promise<void> {
    if (this.exited !== undefined) return;
    await this.request('shutdown', null).catch(() => undefined);
    this.tell('exit', null);
    await this.until(() => this.exited !== undefined, 'the end of the server', 5_000).catch(() => {
      this.child.kill('SIGKILL');
    });
  }

  /** Closes the server's input, as if the client had died. */
  endInput(): void {
    this.child.stdin.end();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.child.stdin.write(body);
  }

  private read(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.need) return;
    this.bytes = Buffer.concat([this.bytes, ...this.chunks]);
    this.chunks = [];
    for (;;) {
      const head = this.bytes.indexOf('\r\n\r\n');
      const length =
        head < 0 ? NaN : Number(/Content-Length: (\d+)/iu.exec(this.bytes.subarray(0, head).toString())?.[1]);
      if (head < 0 || this.bytes.length < head + 4 + length) {
        this.need = head < 0 ? 0 : head + 4 + length - this.bytes.length;
        this.held = 0;
        return;
      }
      const message = JSON.parse(this.bytes.subarray(head + 4, head + 4 + length).toString()) as Message;
      this.bytes = this.bytes.subarray(head + 4 + length);
      this.take(message);
    }
  }

  private take(message: Message): void {
    if (message.method === undefined) {
      const waiting = this.waiting.get(Number(message.id));
      this.waiting.delete(Number(message.id));
      if (message.error !== undefined) waiting?.reject(new Error(message.error.message));
      else waiting?.resolve(message.result);
      return;
    }
    this.received.push(message);
    if (message.method === 'textDocument/publishDiagnostics') this.published.push(message.params as Published);
    if (message.id !== undefined) {
      const answer = this.answers.get(message.method);
      const other = answer === undefined ? null : answer(message.params);
      const result = message.method === 'workspace/configuration' ? [this.settings] : other;
      this.send({ id: message.id, result });
    }
    this.notify();
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

export const codesOf = (diagnostics: readonly Diagnostic[]): string[] => diagnostics.map(({ code }) => code);
