import { type FileCall, type Program, perform } from '../../src/core/lock/program';
import { type Actor, actorKey, hear, newActor, releasing, type Stage } from './actor';
import { type Around, type Design, FACE, LOG } from './design';
import { MemoryFs } from './memoryFs';
import { FOREIGN, isForeignLive, single, strangers } from './strangers';

export class Violation extends Error {
  /** The calls that led to it, since the last one in the schedule. */
  readonly calls: string[] = [];
}

const NEWCOMER = 999;
/** Number of attempts of a refused contender before it continues with its next stage. */
const ATTEMPTS = 2;

/** Contenders, their file system, and the rules; a world can be copied at any point, so that both copies continue. */
export class World<H> {
  private constructor(
    private readonly design: Design<H>,
    readonly fs: MemoryFs,
    private readonly actors: Actor<H>[],
    private highest: number,
    /** Whether a live holder is displaced or an outsider acts in this scenario. */
    private disturbed: boolean,
    /** Whether the claims, and so their numbers, may be removed. */
    private readonly logMayGo: boolean,
    private acquisitions = 0,
  ) {}

  /** Keeps no trace: for schedules that are not compared, and are repeated if one fails. */
  quiet = false;

  /** A newcomer displaces the holder: damage to that holder's record is then no violation. */
  private decided = false;

  static of<H>(design: Design<H>, scripts: readonly (readonly Stage[])[]): World<H> {
    const some = (stage: string): boolean => scripts.some((script) => script.some((one) => one.startsWith(stage)));
    const disturbed = ['takeOver', 'stranger', 'cli', 'rmLog'].some(some);
    return new World(
      design,
      new MemoryFs(),
      scripts.map((script, index) => newActor<H>(100 + index, script)),
      0,
      disturbed,
      some('rmLog'),
    );
  }

  clone(): World<H> {
    const actors = this.actors.map((actor) => ({
      ...actor,
      held: actor.held && this.design.copy(actor.held),
      heard: [...actor.heard],
      running: null,
    }));
    return new World(
      this.design,
      this.fs.clone(),
      actors,
      this.highest,
      this.disturbed,
      this.logMayGo,
      this.acquisitions,
    );
  }

  get size(): number {
    return this.actors.length;
  }
  canRun(index: number): boolean {
    const actor = this.actor(index);
    return !actor.crashed && actor.at < actor.script.length;
  }
  /** The actor's next file call; undefined if it has not begun its next stage. */
  nextCall(index: number): FileCall['call'] | undefined {
    return this.actor(index).running?.pending.call;
  }
  get idle(): boolean {
    return this.actors.every((_, index) => !this.canRun(index));
  }

  key(): string {
    return `${this.fs.key()}#${this.actors.map(actorKey).join('#')}#${this.highest}`;
  }

  /**
   * Lets one actor make its next file call, and further calls that no other actor can notice. @returns a description
   */
  step(index: number): string {
    const actor = this.actor(index);
    const said: string[] = [];
    try {
      do this.call(actor, said);
      while (actor.running && this.fs.isPrivate(actor.running.pending));
      this.checkProofs();
    } catch (error) {
      if (error instanceof Violation) error.calls.push(said.join('; '));
      throw error;
    }
    return said.join('; ');
  }

  /** @param said receives the description of the call before it is made */
  private call(actor: Actor<H>, said: string[]): void {
    const running = this.resume(actor);
    const { pending } = running;
    this.fs.actor = actor.pid;
    if (!this.quiet)
      said.push(
        `${actor.pid} ${actor.script[actor.at] ?? ''}: ${pending.call}(${pending.args
          .filter((arg) => arg !== undefined)
          .map((arg) => (typeof arg === 'string' && !arg.startsWith('/') ? '…' : String(arg as number)))
          .join(', ')})`,
      );
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
    const face = this.fs.inodeOf(FACE);
    for (const one of this.actors) if (one.foreign !== face) one.foreign = 0;
    if (next.done) this.finish(actor, running.held, next.value);
    else running.pending = next.value;
  }

  /**
   * @param until a number of its stages is done; or its next call is of this kind, in its only attempt, so that its
   *   knowledge becomes old
   */
  moveAlone(index: number, until: number | FileCall['call']): void {
    const actor = this.actor(index);
    if (typeof until === 'string') actor.attempts = ATTEMPTS - 1;
    while (typeof until === 'number' ? actor.at < until : this.resume(actor).pending.call !== until) this.step(index);
  }

  crash(index: number): string {
    const actor = this.actor(index);
    actor.crashed = true;
    actor.running = null;
    this.fs.crash(actor.pid);
    return `${actor.pid} is killed`;
  }

  /** All actors die; a newcomer must get the lock, and no more names may be left than the design allows. */
  newcomerGetsOn(maxNames: number): void {
    for (const [index, actor] of this.actors.entries()) if (!actor.crashed) this.crash(index);
    this.newcomer(['acquire', 'assert'], -3);
    const names = this.fs.fileNames().length;
    if (names > maxNames) throw new Violation(`${names} names are left: ${JSON.stringify(this.fs.fileNames())}`);
  }

  /** All actors are suspended forever; a newcomer gets the lock, or takes it over with the token that it is shown. */
  newcomerDecides(): void {
    this.disturbed = true;
    this.decided = true;
    this.newcomer(['acquire', 'show', 'takeOver', 'assert'], ATTEMPTS - 1);
  }

  /** Which actors live: all that a newcomer can know about them. */
  livingKey(): string {
    return this.actors.map(({ crashed }) => (crashed ? 'x' : 'l')).join('');
  }

  private newcomer(script: readonly Stage[], attempts: number): void {
    this.actors.push(newActor(NEWCOMER, script, attempts));
    const index = this.actors.length - 1;
    const said: string[] = [];
    try {
      while (this.canRun(index)) {
        if (said.length > 400) throw new Violation('a newcomer goes round in circles');
        said.push(this.step(index));
      }
    } catch (error) {
      if (error instanceof Violation) error.calls.unshift(...said);
      throw error;
    }
    // A live stranger rightly keeps everybody out.
    if (isForeignLive(this.fs.text(FACE))) return;
    if (!this.actor(index).held)
      throw new Violation(`a newcomer cannot get the lock: ${JSON.stringify(this.fs.fileNames())}`);
  }

  private actor(index: number): Actor<H> {
    const actor = this.actors[index];
    if (!actor) throw new Error(`no actor ${index}`);
    return actor;
  }

  private resume(actor: Actor<H>): NonNullable<Actor<H>['running']> {
    if (actor.running) return actor.running;
    if (actor.heard.length === 0) {
      actor.highestAtStart = this.highest;
      actor.foreign = isForeignLive(this.fs.text(FACE)) ? this.fs.inodeOf(FACE) : 0;
    }
    const told = [...actor.heard];
    const around: Around = {
      pid: actor.pid,
      token:
        `${String(actor.pid).padStart(8, '0')}-0000-4000-8000-` +
        String(actor.acquisitions * 100 + actor.attempts + 9).padStart(12, '0'),
      // A newcomer comes so late that an empty file counts as old.
      now: actor.pid === NEWCOMER ? 3_600_000 : 0,
      mayLive: (pid) => {
        const before = told[0];
        if (before && 'lives' in before) return (told.shift(), before.lives);
        const lives =
          pid === FOREIGN || (pid >= 100 && !this.actors.some((other) => other.pid === pid && other.crashed));
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
    if (stage === 'rmLog') return single({ call: 'rename', args: [LOG, '/away'] });
    if (stage === 'strangerDead' || stage === 'strangerLive' || stage === 'strangerOver' || stage === 'cli')
      return strangers[stage](around);
    if (stage === 'show') return this.design.show(around);
    if (stage === 'acquire') return this.design.acquire(around, last);
    if (stage === 'takeOver') return this.design.acquire(around, last, actor.shown ?? 'nobody');
    if (!held) throw new Error('not reached: what needs the lock is skipped without it');
    if (stage === 'assert') return this.design.assertHeld(around, held);
    if (stage === 'beat') return this.design.heartbeat(around, held);
    return this.design.release(around, held);
  }

  private finish(actor: Actor<H>, held: H | null, value: unknown): void {
    const stage = actor.script[actor.at];
    const got = ['acquire', 'takeOver'].includes(stage ?? '')
      ? value !== null
      : ['assert', 'beat'].includes(stage ?? '') && value === true;
    if (got && actor.foreign !== 0)
      throw new Violation(`${actor.pid} holds the lock while a live stranger's active.lock stands there`);
    actor.running = null;
    actor.heard = [];
    actor.trace = 0;
    actor.foreign = 0;
    actor.at += 1;
    if (stage === 'show') actor.shown = value as string | null;
    if (stage === 'acquire' || stage === 'takeOver') {
      actor.last = null;
      this.acquired(actor, value as H | null);
    }
    if (stage === 'assert' || stage === 'beat') this.asserted(actor, held, value === true);
    if (stage === 'release') {
      actor.last = actor.held;
      actor.held = null;
    }
    // Skips stages that need the lock if it is not held, and acquisitions if it is.
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
    if (epoch <= actor.highestAtLook)
      throw new Violation(`${actor.pid} acquired epoch ${epoch} after epoch ${actor.highestAtLook} had been acquired`);
    this.highest = Math.max(this.highest, epoch);
    const other = this.actors.find((one) => one !== actor && !one.crashed && one.held !== null && !releasing(one));
    if (other && !this.disturbed) throw new Violation(`${other.pid} and ${actor.pid} both hold the lock`);
  }

  private asserted(actor: Actor<H>, held: H | null, ok: boolean): void {
    if (!held) return;
    if (ok && this.orderOf(actor, held) < actor.highestAtStart)
      throw new Violation(`${actor.pid} passes assertHeld after a successor had acquired`);
    if (!ok && !this.disturbed) throw new Violation(`${actor.pid} lost its lock and nobody took it over`);
    actor.held = ok ? held : null;
  }

  /** Nobody else may change the record of the highest holder. */
  private checkProofs(): void {
    if (this.decided) return;
    for (const actor of this.actors) {
      if (!actor.held || actor.crashed || actor.script[actor.at] === 'release') continue;
      if (this.orderOf(actor, actor.held) < this.highest) continue;
      const fault = this.design.damaged(this.fs, actor.held, actor.pid);
      if (fault !== null && !this.disturbedByStranger && !(this.logMayGo && fault === 'is gone'))
        throw new Violation(`the record of holder ${actor.pid} ${fault}`);
    }
  }

  private orderOf(actor: Actor<H>, held: H): number {
    // After the claims were removed, numbers start again.
    const epoch = this.logMayGo ? 0 : this.design.epoch(held);
    return epoch > 0 ? epoch : actor.ordinal;
  }

  private get disturbedByStranger(): boolean {
    return this.actors.some(({ script }) => script.includes('rm')) && this.design.proofIsFace;
  }
}
