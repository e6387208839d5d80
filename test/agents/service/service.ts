import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicError, anthropicEvents, beginning } from './anthropic';
import { openaiError, openaiEvents, responseBeginning } from './openai';
import { say, type Turn } from './turns';

export type Protocol = 'anthropic' | 'openai';

/** One request of a program. */
export interface Call {
  readonly protocol: Protocol;
  /** Number of this protocol's call since the script began, from 1. */
  readonly n: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The whole request as text, for searches. */
  readonly raw: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** Decides each turn; a list is played in order, and its last turn repeats. */
export type Script = readonly Turn[] | ((call: Call) => Turn);

/** A model service on 127.0.0.1 that speaks both protocols and follows its scripts. */
export class ModelService {
  readonly calls: Call[] = [];
  /** Requests for paths of no protocol. */
  readonly strays: string[] = [];
  private scripts: Record<Protocol, Script> = { anthropic: [say('Done.')], openai: [say('Done.')] };
  private turns = 0;
  private readonly timers = new Set<NodeJS.Timeout>();
  private constructor(private readonly server: http.Server) {}

  static async start(): Promise<ModelService> {
    const server = http.createServer();
    const service = new ModelService(server);
    server.on('request', (request, response) => {
      service.receive(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Clears earlier calls and sets a new script for a protocol. */
  script(protocol: Protocol, script: Script): void {
    this.calls.splice(0, this.calls.length, ...this.calls.filter((call) => call.protocol !== protocol));
    this.scripts[protocol] = script;
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private receive(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('end', () => {
      const path = (request.url ?? '').split('?', 1)[0];
      const protocol =
        request.method !== 'POST'
          ? undefined
          : path === '/v1/messages'
            ? 'anthropic'
            : path === '/v1/responses'
              ? 'openai'
              : undefined;
      if (!protocol) {
        this.strays.push(`${request.method ?? ''} ${request.url ?? ''}`);
        response
          .writeHead(404, { 'content-type': 'application/json' })
          .end(anthropicError('not_found_error', 'no such path'));
        return;
      }
      const raw = Buffer.concat(chunks).toString('utf8');
      const call = {
        protocol,
        n: this.calls.filter((one) => one.protocol === protocol).length + 1,
        body: JSON.parse(raw) as Record<string, unknown>,
        raw,
        headers: request.headers,
      } satisfies Call;
      this.calls.push(call);
      const script = this.scripts[protocol];
      this.play(
        protocol,
        typeof script === 'function' ? script(call) : (script[Math.min(call.n, script.length) - 1] ?? say('Done.')),
        response,
      );
    });
  }

  private play(protocol: Protocol, turn: Turn, response: http.ServerResponse): void {
    const id = ++this.turns;
    if (turn.kind === 'refuse') {
      const body = (protocol === 'anthropic' ? anthropicError : openaiError)(
        turn.type ?? 'error',
        turn.message ?? `refused with ${turn.status}`,
      );
      response.writeHead(turn.status, { 'content-type': 'application/json', ...turn.headers }).end(body);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    const start = protocol === 'anthropic' ? beginning(id) : responseBeginning(id);
    switch (turn.kind) {
      case 'stall':
        response.write(start.join(''));
        return;
      case 'drop':
        response.write(start.join(''), () => response.destroy());
        return;
      case 'garbage':
        response.end('event: message_start\ndata: {"type": "message_st\n\nevent: \u0000\ndata: []\n\ndata: 12\n\n');
        return;
      case 'raw':
        response.end(turn.body);
        return;
      case 'say':
      case 'tool': {
        const events = protocol === 'anthropic' ? anthropicEvents(turn, id) : openaiEvents(turn, id);
        if (turn.kind === 'say' && turn.everyMs !== undefined) this.drip(events, turn.everyMs, response);
        else response.end(events.join(''));
      }
    }
  }

  private drip(events: readonly string[], everyMs: number, response: http.ServerResponse): void {
    const left = [...events];
    const timer = setInterval(() => {
      const next = left.shift();
      if (next !== undefined && !response.destroyed) {
        response.write(next);
        return;
      }
      clearInterval(timer);
      this.timers.delete(timer);
      response.end();
    }, everyMs);
    this.timers.add(timer);
  }
}
