import { perform, type FileCall, type Program } from '../../src/core/lock/program';
import { FACE, type Around, type Design } from './design';
import { MemoryFs } from './memoryFs';

/** `rm` removes `active.lock`, `stranger` puts a record of the command-line Weld there: both are somebody else's doing. */
export type Stage = 'acquire' | 'assert' | 'beat' | 'release' | 'show' | 'takeOver' | 'rm' | 'stranger';

/** What a program was told since its stage began; telling it again brings a copy to the same place. */
type Heard = { readonly result: unknown } | { readonly error: unknown } | { readonly lives: boolean };

interface Actor<H> {
  readonly pid: number;
  readonly script: readonly Stage[];
  at: number;
  attempts: number;
  acquisitions: number;
  /** Where its acquisition stands among all, for designs that count no epochs. */
  ordinal: number;
  held: H | null;
  shown: string | null;
  /** The highest completed acquisition when this stage began. */
  highestAtStart: number;
  /** The same at its latest call that looked at anything: closing a descriptor tells nothing. */
  highestAtLook: number;
  heard: Heard[];
  crashed: boolean;
  running: { readonly program: Program<unknown>; readonly held: H | null; pending: FileCall } | null;
}

export class Violation extends Error {}

const NEWCOMER = 999;
/** Times a refused contender tries again before it goes on with what follows. */
const ATTEMPTS = 2;

/** Contenders, their file system, and what must never be seen; a world can be copied at any point and go on twice. */
export class World<H> {
  private constructor(
    private readonly design: Design<H>,
    readonly fs: MemoryFs,
    private readonly actors: Actor<H>[],
    private highest: number,
    /** Somebody displaces a live holder, removes its face, or writes foreign records in this scenario. */
    private readonly disturbed: boolean,
    private acquisitions = 0,
  ) {}

  static of<H>(design: Design<H>, scripts: readonly (readonly Stage[])[]): World<H> {
    const disturbed = scripts.some((script) => script.includes('takeOver') || script.includes('stranger'));
    const actors = scripts.map((script, index): Actor<H> => ({
      pid: 100 + index, script, at: 0, attempts: 0, acquisitions: 0, ordinal: 0, held: null, shown: null, highestAtStart: 0, highestAtLook: 0, heard: [], crashed: false, running: null,
    }));
    return new World(design, new MemoryFs(), actors, 0, disturbed);
  }

  clone(): World<H> {
    const actors = this.actors.map((actor) => ({ ...actor, held: actor.held && this.design.copy(actor.held), heard: [...actor.heard], running: null }));
    return new World(this.design, this.fs.clone(), actors, this.highest, this.disturbed, this.acquisitions);
  }

  get size(): number { return this.actors.length; }
  canRun(index: number): boolean {
    const actor = this.actor(index);
    return !actor.crashed && actor.at < actor.script.length;
  }
  get idle(): boolean { return this.actors.every((_, index) => !this.canRun(index)); }

  key(): string {
    const actors = this.actors.map(({ at, attempts, acquisitions, ordinal, held, shown, heard, crashed, highestAtStart, highestAtLook }) => [at, attempts, acquisitions, ordinal, held, shown, heard, crashed, highestAtStart, highestAtLook]);
    return `${this.fs.key()}${JSON.stringify(actors, plain)}${this.highest}`;
  }

  /** Lets one actor make its next file call. @returns what it did, for people */
  step(index: number): string {
    const actor = this.actor(index);
    const running = this.resume(actor);
    const { pending } = running;
    this.fs.actor = actor.pid;
    if (pending.call !== 'close') actor.highestAtLook = this.highest;
    let next: IteratorResult<FileCall, unknown>;
    try {
      const result = perform(this.fs, pending);
      actor.heard.push({ result });
      next = running.program.next(result);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      actor.heard.push({ error });
      next = running.program.throw(error);
    }
    const said = `${actor.pid} ${actor.script[actor.at] ?? ''}: ${pending.call}(${pending.args.map((arg) => (typeof arg === 'string' && !arg.startsWith('/') ? '…' : String(arg))).join(', ')})`;
    if (next.done) this.finish(actor, running.held, next.value);
    else running.pending = next.value;
    this.checkProofs();
    return said;
  }

  crash(index: number): string {
    const actor = this.actor(index);
    actor.crashed = true;
    actor.running = null;
    this.fs.crash(actor.pid);
    return `${actor.pid} is killed`;
  }

  /** Everybody dies; a newcomer must get the lock, and find no more left over than the design allows. */
  newcomerGetsOn(maxNames: number): void {
    for (const [index, actor] of this.actors.entries()) if (!actor.crashed) this.crash(index);
    this.actors.push({
      pid: NEWCOMER, script: ['acquire'], at: 0, attempts: -3, acquisitions: 0, ordinal: 0, held: null, shown: null, highestAtStart: 0, highestAtLook: 0, heard: [], crashed: false, running: null,
    });
    const index = this.actors.length - 1;
    for (let steps = 0; this.canRun(index); steps++) {
      if (steps > 400) throw new Violation('a newcomer goes round in circles');
      this.step(index);
    }
    if (!this.actor(index).held) throw new Violation(`a newcomer cannot get the lock: ${JSON.stringify(this.fs.fileNames())}`);
    const names = this.fs.fileNames().length;
    if (names > maxNames) throw new Violation(`${names} names are left: ${JSON.stringify(this.fs.fileNames())}`);
  }

  private actor(index: number): Actor<H> {
    const actor = this.actors[index];
    if (!actor) throw new Error(`no actor ${index}`);
    return actor;
  }

  private resume(actor: Actor<H>): NonNullable<Actor<H>['running']> {
    if (actor.running) return actor.running;
    if (actor.heard.length === 0) actor.highestAtStart = this.highest;
    const told = [...actor.heard];
    const around: Around = {
      pid: actor.pid, token: `k${actor.pid}-${actor.acquisitions}-${actor.attempts + 9}`,
      // A newcomer comes late enough for an empty file to be old.
      now: actor.pid === NEWCOMER ? 3_600_000 : 0,
      mayLive: (pid) => {
        const before = told[0];
        if (before && 'lives' in before) return (told.shift(), before.lives);
        const lives = pid >= 100 && !this.actors.some((other) => other.pid === pid && other.crashed);
        actor.heard.push({ lives });
        return lives;
      },
    };
    const held = actor.held && this.design.copy(actor.held);
    const program = this.start(actor, around, held);
    let next = program.next();
    for (let entry = told.shift(); entry; entry = told.shift()) {
      if (next.done || 'lives' in entry) throw new Error('a program did not repeat itself');
      next = 'error' in entry ? program.throw(entry.error) : program.next(entry.result);
    }
    if (next.done) throw new Error('a stage without a file call');
    actor.running = { program, held, pending: next.value };
    return actor.running;
  }

  private start(actor: Actor<H>, around: Around, held: H | null): Program<unknown> {
    const stage = actor.script[actor.at];
    if (stage === 'rm') return single({ call: 'unlink', args: [FACE] });
    if (stage === 'stranger') return stranger(around);
    if (stage === 'show') return this.design.show(around);
    if (stage === 'acquire') return this.design.acquire(around);
    if (stage === 'takeOver') return this.design.acquire(around, actor.shown ?? 'nobody');
    if (!held) throw new Error('not reached: what needs the lock is skipped without it');
    if (stage === 'assert') return this.design.assertHeld(around, held);
    if (stage === 'beat') return this.design.heartbeat(around, held);
    return this.design.release(around, held);
  }

  private finish(actor: Actor<H>, held: H | null, value: unknown): void {
    const stage = actor.script[actor.at];
    actor.running = null;
    actor.heard = [];
    actor.at += 1;
    if (stage === 'show') actor.shown = value as string | null;
    if (stage === 'acquire' || stage === 'takeOver') this.acquired(actor, value as H | null);
    if (stage === 'assert' || stage === 'beat') this.asserted(actor, held, value === true);
    if (stage === 'release') actor.held = null;
    // A stage that needs the lock is passed over without it.
    while (!actor.held && ['assert', 'beat', 'release'].includes(actor.script[actor.at] ?? '')) actor.at += 1;
  }

  private acquired(actor: Actor<H>, held: H | null): void {
    if (!held) {
      actor.attempts += 1;
      if (actor.attempts < ATTEMPTS) actor.at -= 1;
      else actor.attempts = 0;
      return;
    }
    actor.attempts = 0;
    actor.acquisitions += 1;
    actor.held = held;
    actor.ordinal = ++this.acquisitions;
    const epoch = this.orderOf(actor, held);
    if (epoch <= actor.highestAtLook) throw new Violation(`${actor.pid} acquired epoch ${epoch} after epoch ${actor.highestAtLook} had been acquired`);
    this.highest = Math.max(this.highest, epoch);
    const other = this.actors.find((one) => one !== actor && !one.crashed && one.held !== null && !releasing(one));
    if (other && !this.disturbed) throw new Violation(`${other.pid} and ${actor.pid} both hold the lock`);
  }

  private asserted(actor: Actor<H>, held: H | null, ok: boolean): void {
    if (!held) return;
    if (ok && this.orderOf(actor, held) < actor.highestAtStart) throw new Violation(`${actor.pid} passes assertHeld after a successor had acquired`);
    if (!ok && !this.disturbed) throw new Violation(`${actor.pid} lost its lock and nobody took it over`);
    actor.held = ok ? held : null;
  }

  /** The record of the highest holder is nobody else's to change. */
  private checkProofs(): void {
    for (const actor of this.actors) {
      if (!actor.held || actor.crashed || actor.script[actor.at] === 'release') continue;
      if (this.orderOf(actor, actor.held) < this.highest) continue;
      const fault = this.design.damaged(this.fs, actor.held, actor.pid);
      if (fault !== null && !this.disturbedByStranger) throw new Violation(`the record of holder ${actor.pid} ${fault}`);
    }
  }

  private orderOf(actor: Actor<H>, held: H): number {
    const epoch = this.design.epoch(held);
    return epoch > 0 ? epoch : actor.ordinal;
  }

  private get disturbedByStranger(): boolean {
    return this.actors.some(({ script }) => script.includes('rm') || script.includes('stranger')) && this.design.proofIsFace;
  }
}

/** From its first file call on a release counts as given back: nothing is written under the lock after it. */
function releasing<H>(actor: Actor<H>): boolean {
  return actor.script[actor.at] === 'release' && actor.heard.length > 0;
}

function* single(call: FileCall): Program<void> {
  try {
    yield call;
  } catch {
    // It was not there.
  }
}

/** The command-line Weld's exclusive create, by a process that is already gone. */
function* stranger(around: Around): Program<void> {
  try {
    const handle = yield { call: 'createNew', args: [FACE] };
    yield { call: 'write', args: [handle, JSON.stringify({ pid: 7, run_id: 'x', command: `old ${around.pid}`, started_at: 's', last_heartbeat: 's' })] };
    yield { call: 'close', args: [handle] };
  } catch {
    // The face is taken.
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error && 'code' in value ? value.code : value;
}
