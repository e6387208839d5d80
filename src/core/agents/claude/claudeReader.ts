import {
  amount,
  type Emit,
  type Fields,
  LONGEST_OWN_WAIT_MS,
  list,
  oneLine,
  type Reader,
  type Report,
  record,
  relativeTo,
  type Sign,
  type Trouble,
  text,
} from '../cli/agentReader';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads Claude Code's `stream-json` events. */
export class ClaudeReader implements Reader {
  readonly report: Writable<Report> = {};
  hopeless = false;
  waitMs = 0;
  /** Ids of tools that are still running. */
  private readonly tools = new Set<string>();
  /** Whether the text of the current message was already streamed. */
  private streamed = false;

  /** @param cwd paths below it are shown relative to it */
  constructor(
    private readonly emit: Emit,
    private readonly cwd: string,
  ) {}

  get busy(): boolean {
    return this.tools.size > 0;
  }

  take(event: Fields): Sign {
    const sign = this.read(event);
    if (sign === 'progress') this.waitMs = 0;
    return sign;
  }

  end(): void {
    this.tools.clear();
  }

  private read(event: Fields): Sign {
    switch (event['type']) {
      case 'system':
        return this.system(event);
      case 'stream_event':
        return this.stream(event);
      case 'assistant':
        return this.assistant(event);
      case 'user':
        for (const part of list(record(event['message'])?.['content']))
          this.tools.delete(text(record(part)?.['tool_use_id']) ?? '');
        return 'progress';
      case 'result':
        return this.result(event);
      default:
        return 'nothing';
    }
  }

  private system(event: Fields): Sign {
    if (event['subtype'] === 'init') {
      const sessionId = text(event['session_id']);
      const model = text(event['model']);
      if (sessionId !== undefined) {
        this.report.sessionId = sessionId;
        this.report.model = model;
        this.emit({ kind: 'session', sessionId, ...(model !== undefined && { model }) });
      }
      return 'progress';
    }
    return event['subtype'] === 'api_retry' ? this.retry(event) : 'nothing';
  }

  private retry(event: Fields): Sign {
    const status = amount(event['error_status']);
    const code = text(event['error']);
    const waitMs = amount(event['retry_delay_ms']) ?? 0;
    const words = `${code ?? 'error'}${status === undefined ? '' : `, ${status}`}`;
    const limited = status === 429 || code === 'rate_limit';
    this.report.trouble = {
      status,
      code: code === 'unknown' && status === undefined ? 'server_error' : code,
      text: words,
      retryAfterMs: limited && waitMs > 0 ? waitMs : undefined,
    };
    this.waitMs = waitMs;
    this.hopeless =
      status === 401 || status === 403 || code === 'authentication_failed' || (limited && waitMs > LONGEST_OWN_WAIT_MS);
    this.emit({ kind: 'retry', why: words, waitMs });
    return 'retry';
  }

  private stream(event: Fields): Sign {
    const inner = record(event['event']);
    const delta = record(inner?.['delta']);
    if (inner?.['type'] === 'message_start') this.report.trouble = undefined; // the service has answered since
    // A subagent's words are not part of the answer.
    if (event['parent_tool_use_id'] === null || event['parent_tool_use_id'] === undefined) {
      const piece =
        inner?.['type'] === 'content_block_delta' && delta?.['type'] === 'text_delta' ? text(delta['text']) : undefined;
      if (inner?.['type'] === 'message_start') this.streamed = false;
      if (piece !== undefined && piece !== '') {
        this.streamed = true;
        this.emit({ kind: 'text', text: piece });
      }
    }
    return inner ? 'progress' : 'nothing';
  }

  private assistant(event: Fields): Sign {
    const own = event['parent_tool_use_id'] === null || event['parent_tool_use_id'] === undefined;
    const code = text(event['error']);
    for (const value of list(record(event['message'])?.['content'])) {
      const part = record(value);
      const words = part?.['type'] === 'text' ? text(part['text']) : undefined;
      if (code !== undefined && words !== undefined) this.report.trouble = { ...this.kept(), code, text: words };
      else if (own && words !== undefined && words !== '')
        this.emit({ kind: 'text', text: this.streamed ? '\n' : `${words}\n` });
      if (part?.['type'] === 'tool_use') this.tool(part);
    }
    return 'progress';
  }

  private tool(part: Fields): void {
    const name = text(part['name']) ?? 'tool';
    const id = text(part['id']);
    if (id !== undefined) this.tools.add(id);
    this.emit({ kind: 'tool', name, detail: toolDetail(record(part['input']), this.cwd) });
  }

  private result(event: Fields): Sign {
    this.tools.clear();
    this.report.sessionId ??= text(event['session_id']);
    this.report.costUsd = amount(event['total_cost_usd']);
    this.report.tokens = tokensIn(record(event['usage']));
    const denials = denialsIn(event['permission_denials'], this.cwd);
    if (denials.length > 0) this.report.denials = denials;
    const words = text(event['result']) ?? '';
    const subtype = text(event['subtype']);
    if (event['is_error'] === false && subtype === 'success') {
      const structured = event['structured_output'];
      this.report.answer = { text: words, ...(structured !== undefined && structured !== null && { structured }) };
    } else this.failed(event, words, subtype);
    return 'progress';
  }

  private failed(event: Fields, words: string, subtype: string | undefined): void {
    const status = amount(event['api_error_status']);
    const ownCode =
      subtype?.startsWith('error_') === true && subtype !== 'error_during_execution' ? subtype : undefined;
    const errors = list(event['errors'])
      .filter((one) => typeof one === 'string')
      .join('; ');
    const before = this.kept();
    this.report.trouble = {
      ...before,
      status: status ?? before.status,
      code: ownCode ?? before.code,
      text: words || errors || before.text || (subtype ?? ''),
    };
  }

  private kept(): Trouble {
    return this.report.trouble ?? { text: '' };
  }
}

/** Fields of a tool's input that describe the call best, best first. */
const TELLING = [
  'file_path',
  'path',
  'notebook_path',
  'command',
  'pattern',
  'query',
  'url',
  'description',
  'prompt',
] as const;

/** A tool's input in a few words, such as the path that it writes. @param cwd paths below it become relative */
export function toolDetail(input: Fields | undefined, cwd: string): string {
  for (const name of TELLING) {
    const value = text(input?.[name]);
    if (value !== undefined && value !== '') return relativeTo(cwd, value);
  }
  return '';
}

/** The tokens in, including cached ones, and out; undefined when none is reported. */
export function tokensIn(usage: Fields | undefined): { readonly in: number; readonly out: number } | undefined {
  const parts = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'].map((name) =>
    amount(usage?.[name]),
  );
  const out = amount(usage?.['output_tokens']);
  if (out === undefined && parts.every((part) => part === undefined)) return undefined;
  return { in: parts.reduce<number>((sum, part) => sum + (part ?? 0), 0), out: out ?? 0 };
}

const MOST_DENIALS = 20;

/** What the program was denied, without repetitions: the tool and its target. */
export function denialsIn(value: unknown, cwd: string): string[] {
  const words = list(value).map((each) => {
    const denial = record(each);
    return oneLine(`${text(denial?.['tool_name']) ?? 'a tool'} ${toolDetail(record(denial?.['tool_input']), cwd)}`);
  });
  return [...new Set(words)].slice(0, MOST_DENIALS);
}
