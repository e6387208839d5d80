import { describe, expect, it } from 'vitest';
import type { AgentSettings } from '../../../../src/core/agents/adapter';
import type { AgentRequest } from '../../../../src/core/agents/agent';
import { type AgentDeps, agentKind, createAgent } from '../../../../src/core/agents/registry';
import type { Task } from '../../../../src/core/config/providers';
import { type Config, ConfigSchema } from '../../../../src/core/config/schema';
import type { RunLock } from '../../../../src/core/lock/runLock';
import type { GuestPrograms, Programs } from '../../../../src/core/process/ports';

const config = (value: unknown): Config => ConfigSchema.parse(value);
const deps: AgentDeps = { top: '/repository', programs: {} as Programs };
const request = (task: Task, signal = new AbortController().signal): AgentRequest => ({
  task,
  attempt: 1,
  prompt: 'the prompt',
  cwd: '/repository',
  lock: {} as RunLock,
  guest: {} as GuestPrograms,
  access: 'edit',
  timeoutMs: 1000,
  signal,
  onEvent: () => undefined,
});

describe('the agent of a task', () => {
  it('is a person when nothing is configured', () => {
    expect(agentKind('implementation', config({}))).toBe('manual');
  });

  it('is what task_models says, before any section', () => {
    const both = config({ replay: { recording: 'r.json' }, task_models: { plan_review: { provider: 'manual' } } });
    expect(agentKind('plan_review', both)).toBe('manual');
    expect(agentKind('implementation', both)).toBe('replay');
  });

  it('fixes with what implements, unless told otherwise', () => {
    expect(agentKind('fix_generation', config({ task_models: { implementation: { provider: 'claude' } } }))).toBe(
      'claude',
    );
  });

  it('lets the second configured program review what the first made', () => {
    const both = config({ claude: { model: 'a' }, codex: { model: 'b' } });
    expect([agentKind('implementation', both), agentKind('implementation_review', both)]).toEqual(['claude', 'codex']);
    expect(agentKind('implementation_review', config({ claude: { model: 'a' } }))).toBe('claude');
  });

  it('is made with the program and model of its task', () => {
    const made: AgentSettings[] = [];
    const makers: AgentDeps['makers'] = {
      codex: (settings) => {
        made.push(settings);
        return { kind: 'codex', label: 'Codex', run: () => Promise.reject(new Error('not called')) };
      },
    };
    createAgent(
      'implementation',
      config({
        codex: { model: 'm', sandbox: 'workspace-write' },
        task_models: { implementation: { provider: 'codex', exec: '/opt/codex' } },
      }),
      { ...deps, makers },
    );
    expect(made).toMatchObject([{ exec: '/opt/codex', model: 'm', sandbox: 'workspace-write' }]);
  });

  it.each([['replay without a recording', { task_models: { implementation: { provider: 'replay' } } }]])(
    'is refused as %s',
    (_name, value) => {
      expect(() => createAgent('implementation', config(value), deps)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
      );
    },
  );

  it('is a real program unless told otherwise', () => {
    expect(createAgent('implementation', config({ claude: { model: 'a' } }), deps)).toMatchObject({
      kind: 'claude',
      label: 'Claude Code (a)',
    });
    expect(createAgent('implementation', config({ codex: { exec: '/opt/codex' } }), deps)).toMatchObject({
      kind: 'codex',
    });
  });

  it('is refused when nobody knows it', () => {
    const strange = { ...config({}), task_models: { implementation: { provider: 'oracle' } } } as unknown as Config;
    expect(() => createAgent('implementation', strange, deps)).toThrow(/"oracle" is not an agent/u);
  });
});

describe('the manual agent', () => {
  it('needs a person', async () => {
    expect(await createAgent('implementation', config({}), deps).run(request('implementation'))).toMatchObject({
      ok: false,
      failure: 'needs_person',
    });
  });

  it('gives what the person answers, and is cancelled when the person gives up', async () => {
    const asked: string[] = [];
    const answers = ['done', null];
    const person = {
      answer: (each: AgentRequest) => {
        asked.push(each.prompt);
        return Promise.resolve(answers.shift() ?? null);
      },
    };
    const agent = createAgent('implementation', config({}), { ...deps, person });
    expect(await agent.run(request('implementation'))).toMatchObject({ ok: true, text: 'done' });
    expect(await agent.run(request('implementation'))).toMatchObject({ ok: false, failure: 'cancelled' });
    expect(asked).toEqual(['the prompt', 'the prompt']);
  });
});
