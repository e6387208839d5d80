import {
  amount,
  type Emit,
  type Fields,
  LONGEST_OWN_WAIT_MS,
  list,
  parseRecord,
  type Reader,
  type Report,
  record,
  relativeTo,
  type Sign,
  type Trouble,
  text,
} from '../cli/agentReader';
import { sortTrouble, waitInWords } from '../cli/trouble';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const RETRY = /^Reconnecting\.\.\.\s*(?:\d+\/\d+\s*)?/u;

/** Reads the events of `codex exec --json`. */
export class CodexReader implements Reader {
  readonly report: Writable<Report> = {};
  hopeless = false;
  waitMs = 0;
  /** Ids of items that have begun but not ended. */
  private readonly items = new Set<string>();
  private lastMessage = '';

  /** @param structured whether the answer should be JSON */
  constructor(
    private readonly emit: Emit,
    private readonly cwd: string,
    private readonly structured: boolean,
  ) {}

  get busy(): boolean {
    return this.items.size > 0;
  }

  take(event: Fields): Sign {
    const sign = this.read(event);
    if (sign === 'progress') this.waitMs = 0;
    return sign;
  }

  end(): void {
    this.items.clear();
  }

  private read(event: Fields): Sign {
    switch (event['type']) {
      case 'thread.started': {
        const sessionId = text(event['thread_id']);
        if (sessionId !== undefined) {
          this.report.sessionId = sessionId;
          this.emit({ kind: 'session', sessionId });
        }
        return 'progress';
      }
      case 'turn.started':
        return 'progress';
      case 'item.started':
      case 'item.updated':
      case 'item.completed':
        return this.item(event['type'], record(event['item']));
      case 'error':
        return this.error(text(event['message']) ?? '');
      case 'turn.completed':
        return this.completed(record(event['usage']));
      case 'turn.failed':
        this.report.trouble = troubleOf(text(record(event['error'])?.['message']) ?? '', this.report.trouble);
        return 'progress';
      default:
        return 'nothing';
    }
  }

  private item(stage: string, item: Fields | undefined): Sign {
    if (!item) return 'nothing';
    this.report.trouble = undefined; // the service has answered since
    const id = text(item['id']) ?? '';
    const seen = this.items.has(id);
    if (stage === 'item.completed') this.items.delete(id);
    else if (id !== '') this.items.add(id);
    if (item['type'] !== 'agent_message') {
      if (!seen) this.tool(item);
    } else if (stage === 'item.completed') this.message(text(item['text']));
    return 'progress';
  }

  private message(words: string | undefined): void {
    if (words === undefined) return;
    this.lastMessage = words;
    this.emit({ kind: 'text', text: `${words}\n` });
  }

  private tool(item: Fields): void {
    switch (item['type']) {
      case 'command_execution':
        this.emit({ kind: 'tool', name: 'command', detail: text(item['command']) ?? '' });
        break;
      case 'file_change':
        for (const change of list(item['changes']).map(record))
          this.emit({
            kind: 'tool',
            name: text(change?.['kind']) ?? 'edit',
            detail: relativeTo(this.cwd, text(change?.['path']) ?? ''),
          });
        break;
      case 'mcp_tool_call':
      case 'web_search':
        this.emit({ kind: 'tool', name: text(item['tool']) ?? 'search', detail: text(item['query']) ?? '' });
        break;
      default:
        break;
    }
  }

  private error(message: string): Sign {
    const again = RETRY.test(message);
    const words = message.replace(RETRY, '').replace(/^\((.*)\)$/su, '$1');
    const trouble = troubleOf(words);
    const limited = sortTrouble(trouble) === 'rate_limit';
    this.report.trouble = trouble;
    if (!again) return 'nothing'; // `turn.failed` follows
    this.waitMs = trouble.retryAfterMs ?? 0;
    this.hopeless = trouble.status === 401 || trouble.status === 403 || (limited && this.waitMs > LONGEST_OWN_WAIT_MS);
    this.emit({ kind: 'retry', why: trouble.text, waitMs: this.waitMs });
    return 'retry';
  }

  private completed(usage: Fields | undefined): Sign {
    this.items.clear();
    const input = amount(usage?.['input_tokens']);
    const output = amount(usage?.['output_tokens']);
    if (input !== undefined || output !== undefined) this.report.tokens = { in: input ?? 0, out: output ?? 0 };
    const structured = this.structured ? parseRecord(this.lastMessage) : undefined;
    this.report.answer = { text: this.lastMessage, ...(structured !== undefined && { structured }) };
    return 'progress';
  }
}

/** Reads the service's status and words from a message of Codex; `before` fills in what the message lacks. */
function troubleOf(message: string, before: Trouble = { text: '' }): Trouble {
  const status = /(?:unexpected status|last status:|status code:?)\s*(\d{3})\b/iu.exec(message)?.[1];
  const inner = record(parseRecord(message)?.['error']);
  const code = text(inner?.['code']) ?? text(inner?.['type']);
  const words = (text(inner?.['message']) ?? message).replace(/,? ?url: \S+/u, '');
  return {
    text: words === '' ? before.text : words,
    status: status === undefined ? before.status : Number(status),
    code: code ?? before.code,
    retryAfterMs: waitInWords(message) ?? before.retryAfterMs,
  };
}
