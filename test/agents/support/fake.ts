import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Agent } from '../../../src/core/agents/agent';
import type { World } from './world';

export type Kind = 'claude' | 'codex';

/** Source text that prints each program's events at the start and end of a successful task. */
export const SAYS = {
  claude: {
    begin: `event({ type: 'system', subtype: 'init', session_id: 'fake-session', model: 'fake' });`,
    text:
      `event({ type: 'stream_event', parent_tool_use_id: null, event: { type: 'content_block_delta', delta: { ` +
      `type: 'text_delta', text } } });`,
    end:
      `event({ type: 'result', subtype: 'success', is_error: false, result: 'All done.', session_id: ` +
      `'fake-session', total_cost_usd: 0.01, usage: { ` +
      'input_tokens: 1, ' +
      'output_tokens: 1 } });',
  },
  codex: {
    begin: `event({ type: 'thread.started', thread_id: 'fake-session' });`,
    text: `event({ type: 'item.completed', item: { id: 'i', type: 'agent_message', text } });`,
    end:
      `event({ type: 'item.completed', item: { id: 'j', type: 'agent_message', text: 'All done.' } }); event({ ` +
      `type: 'turn.completed', usage: { input_tokens: 1, ` +
      'output_tokens: 1 } });',
  },
} as const;

/** An agent whose program consists of a few lines from the test; `event(object)` prints a line. */
export function fakeAgent(
  world: World,
  kind: Kind,
  code: string,
  options: { readonly silenceMs?: number } = {},
): Agent {
  const file = path.join(world.home, `fake-${kind}`);
  fs.writeFileSync(
    file,
    `#!/usr/bin/env node
const fs = require('node:fs'), path = require('node:path'), { spawn, execFileSync } = require('node:child_process');
const print = (bytes) => {
  for (let at = 0, all = Buffer.from(bytes); at < all.length;) {
    try { at += fs.writeSync(1, all, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
  }
};
const event = (value) => print(JSON.stringify(value) + '\\n');
${code}
`,
    { mode: 0o755 },
  );
  return world[kind]({ exec: file, ...options });
}
