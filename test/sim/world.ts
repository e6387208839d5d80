import { perform, type FileCall, type Program } from '../../src/core/lock/program';
import { FACE, type Around, type Design } from './design';
import { intern } from './intern';
import { MemoryFs } from './memoryFs';
import { single, stranger } from './strangers';

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
  /** What it released last: the descriptor is still open. */
  last: H | null;
  shown: string | null;
  /** The highest completed acquisition when this stage began. */
  highestAtStart: number;
  /** The same at its latest call that looked at anything: closing a descriptor tells nothing. */
  highestAtLook: number;
  heard: Heard[];
  /** All that was heard, as one number. */
  trace: number;
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
    private disturbed: boolean,
    private acquisitions = 0,
  ) {}

  /** No trace and no words: for schedules that are never compared, and played again when one fails. */
  quiet = false;

  /** A newcomer displaces whoever holds: what becomes of their records is no fault. */
  private decided = false;

  static of<H>(design: Design<H>, scripts: readonly (readonly Stage[])[]): World<H> {
    const disturbed = scripts.some((script) => script.includes('takeOver') || script.includes('stranger'));
    const actors = scripts.map((script, index): Actor<H> => ({
      pid: 100 + index, script, at: 0, attempts: 0, acquisitions: 0, ordinal: 0, held: null, last: null, shown: null, highestAtStart: 0, highestAtLook: 0, heard: [], trace: 0, crashed: false, running: null,
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
    const actors = this.actors.map((one) => (one.crashed
      ? `x${one.at}`
      : `${one.at},${one.attempts},${one.acquisitions},${one.ordinal},${holding(one.held)},${holding(one.last)},${one.shown ?? ''},${one.trace},${one.highestAtStart},${one.highestAtLook}`));
    return `${this.fs.key()}#${actors.join('#')}#${this.highest}`;
  }

  /** Lets one actor make its next file call, and those after it that nobody can see. @returns what it did, for people */
  step(index: number): string {
    const actor = this.actor(index);
    let said = this.call(actor);
    while (actor.running && this.fs.isPrivate(actor.running.pending)) said += `; ${this.call(actor)}`;
    this.checkProofs();
    return said;
  }

  private call(actor: Actor<H>): string {
    const running = this.resume(actor);
    const { pending } = running;
    this.fs.actor = actor.pid;
    if (pending.call !== 'close') actor.highestAtLook = this.highest;
    let next: IteratorResult<FileCall, unknown>;
    try {
      const result = perform(this.fs, pending);
      hear(actor, { result }, this.quiet);
      next = running.program.next(result);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      hear(actor, { error }, this.quiet);
      next = running.program.throw(error);
    }
    const said = this.quiet ? '' : `${actor.pid} ${actor.script[actor.at] ?? ''}: ${pending.call}(${pending.args.map((arg) => (typeof arg === 'string' && !arg.startsWith('/') ? '…' : String(arg))).join(', ')})`;
    if (next.done) this.finish(actor, running.held, next.value);
    else running.pending = next.value;
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
    this.newcomer(['acquire', 'assert'], -3);
    const names = this.fs.fileNames().length;
    if (names > maxNames) throw new Violation(`${names} names are left: ${JSON.stringify(this.fs.fileNames())}`);
  }

  /** Everybody is suspended for ever; a newcomer gets the lock, or is shown a token and gets it by a person's decision. */
  newcomerDecides(): void {
    this.disturbed = true;
    this.decided = true;
    this.newcomer(['acquire', 'show', 'takeOver', 'assert'], ATTEMPTS - 1);
  }

  /** Of the others a newcomer only knows whether they live. */
  livingKey(): string {
    return this.actors.map(({ crashed }) => (crashed ? 'x' : 'l')).join('');
  }

  private newcomer(script: readonly Stage[], attempts: number): void {
    this.actors.push({
      pid: NEWCOMER, script, at: 0, attempts, acquisitions: 0, ordinal: 0, held: null, last: null, shown: null, highestAtStart: 0, highestAtLook: 0, heard: [], trace: 0, crashed: false, running: null,
    });
    const index = this.actors.length - 1;
    for (let steps = 0; this.canRun(index); steps++) {
      if (steps > 400) throw new Violation('a newcomer goes round in circles');
      this.step(index);
    }
    if (!this.actor(index).held) throw new Violation(`a newcomer cannot get the lock: ${JSON.stringify(this.fs.fileNames())}`);
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
      pid: actor.pid, token: `${String(actor.pid).padStart(8, '0')}-0000-4000-8000-${String(actor.acquisitions * 100 + actor.attempts + 9).padStart(12, '0')}`,
      // A newcomer comes late enough for an empty file to be old.
      now: actor.pid === NEWCOMER ? 3_600_000 : 0,
      mayLive: (pid) => {
        const before = told[0];
        if (before && 'lives' in before) return (told.shift(), before.lives);
        const lives = pid >= 100 && !this.actors.some((other) => other.pid === pid && other.crashed);
        hear(actor, { lives }, this.quiet);
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
    const last = actor.last && this.design.copy(actor.last);
    if (stage === 'rm') return single({ call: 'unlink', args: [FACE] });
    if (stage === 'stranger') return stranger(around);
    if (stage === 'show') return this.design.show(around);
    if (stage === 'acquire') return this.design.acquire(around, last);
    if (stage === 'takeOver') return this.design.acquire(around, last, actor.shown ?? 'nobody');
    if (!held) throw new Error('not reached: what needs the lock is skipped without it');
    if (stage === 'assert') return this.design.assertHeld(around, held);
    if (stage === 'beat') return this.design.heartbeat(around, held);
    return this.design.release(around, held, last);
  }

  private finish(actor: Actor<H>, held: H | null, value: unknown): void {
    const stage = actor.script[actor.at];
    actor.running = null;
    actor.heard = [];
    actor.trace = 0;
    actor.at += 1;
    if (stage === 'show') actor.shown = value as string | null;
    if (stage === 'acquire' || stage === 'takeOver') this.acquired(actor, value as H | null);
    if (stage === 'assert' || stage === 'beat') this.asserted(actor, held, value === true);
    if (stage === 'release') {
      actor.last = actor.held;
      actor.held = null;
    }
    // A stage that needs the lock is passed over without it, and getting it once more with it.
    while (actor.held && ['show', 'takeOver', 'acquire'].includes(actor.script[actor.at] ?? '')) actor.at += 1;
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
    if (this.decided) return;
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

function hear<H>(actor: Actor<H>, entry: Heard, quiet: boolean): void {
  actor.heard.push(entry);
  if (quiet) return;
  const told = 'lives' in entry ? `l${entry.lives}` : 'error' in entry ? `e${(entry.error as { code?: string }).code ?? ''}` : JSON.stringify(entry.result ?? null, plain);
  actor.trace = intern(`${actor.trace}|${told}`);
}

/** What somebody holds, as one number. */
function holding(held: unknown): number {
  return held === null ? 0 : intern(JSON.stringify(held, plain));
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
