import * as path from 'node:path';
import { until } from './run';
import { type StepOnDisk, stepsOf } from './runs';
import { onlyRun, type Sample } from './sample';
import type { Workbench } from './workbench';

/** The way from a specification to a commit as a person takes it: palette, quick picks and notifications. */
export class Journey {
  constructor(
    readonly window: Workbench,
    readonly sample: Sample,
  ) {}

  get run(): string {
    return onlyRun(this.sample);
  }
  steps(): StepOnDisk[] {
    return stepsOf(this.sample, this.run);
  }
  step(n: number): StepOnDisk | undefined {
    return this.steps().find((step) => step.n === n);
  }

  /** From the start to a plan, with all notifications closed. */
  async toPlan(): Promise<void> {
    await this.startRun();
    await this.generatePlan();
    await this.window.clearToasts();
  }
  /** From the start to a selected step, with all notifications closed. */
  async toStep(n: number): Promise<void> {
    await this.toPlan();
    await this.selectStep(n);
    await this.window.clearToasts();
  }

  /** From the start to a step loop that has just started. */
  async toLoop(n: number): Promise<void> {
    await this.toStep(n);
    await this.startLoop(n);
  }

  async startRun(name = 'greetings'): Promise<void> {
    const { window } = this;
    await window.command('Weld: Start Run…');
    await window.pick(new RegExp(`^${path.basename(this.sample.spec)}`, 'u'));
    await window.answer(name);
    await window.toast(/Started ./u).waitFor();
  }

  async generatePlan(): Promise<string> {
    await this.window.toastButton(/Started ./u, 'Generate Plan');
    return this.#planToast();
  }

  /** @param file a Markdown file anywhere on disk, chosen in the open dialog */
  async importPlan(file: string): Promise<string> {
    await this.window.command('Weld: Import Plan…');
    await this.window.chooseFile(file);
    return this.#planToast();
  }

  async #planToast(): Promise<string> {
    const toast = this.window.toast(/The plan has \d+ step/u).first();
    await toast.waitFor({ timeout: 60_000 });
    return (await toast.locator('.notification-list-item-message').textContent()) ?? '';
  }

  /** Has the plan reviewed; if there is a revision, waits for the diff. @returns true if there is one */
  async reviewPlan(): Promise<boolean> {
    await this.window.command('Weld: Review Plan');
    const revised = this.window.toast(/The reviewer revised the plan/u);
    const same = this.window.toast(/left the plan as it is/u);
    await revised.or(same).first().waitFor({ timeout: 60_000 });
    if (!(await revised.isVisible())) return false;
    await this.window.tab(/current ↔ proposed/u).waitFor();
    return true;
  }

  async applyPlan(): Promise<void> {
    await this.window.toastButton(/The reviewer revised the plan/u, 'Apply');
    await this.window.toast(/Revised plan applied/u).waitFor();
  }

  async selectStep(n: number): Promise<void> {
    await this.window.command('Weld: Select Step');
    await this.pickStep(n);
    await until(`step ${n} to be selected`, () => this.step(n));
    await this.window.toast(new RegExp(`Step ${n} is selected`, 'u')).waitFor();
  }

  async startLoop(n: number): Promise<void> {
    await this.window.command('Weld: Run Step Loop');
    await this.pickStep(n);
  }

  /** Waits for the message at the end of a loop, and returns it. */
  async loopEnd(n: number, withinMs = 90_000): Promise<string> {
    const toast = this.window
      .toast(new RegExp(`^.*step ${n}\\b.*(passed|progress|stopped|cancel|fail|budget|lost|recording)`, 'iu'))
      .filter({ hasNotText: 'is selected' })
      .first();
    await toast.waitFor({ timeout: withinMs });
    return (await toast.locator('.notification-list-item-message').textContent()) ?? '';
  }

  /** Answers "Which step?", even if the list is longer than the window. */
  async pickStep(n: number): Promise<void> {
    await this.window.quickField.waitFor();
    await this.window.quickField.fill(String(n));
    await this.window.pick(new RegExp(`(^|\\s|\\W)${n} \\S`, 'u'));
  }

  async commit(message: string): Promise<void> {
    await this.window.command('Weld: Commit Step Work…');
    await this.window.pick(/All Changes/u);
    await this.window.answer(message);
    await this.window.toast(/Committed as/u).waitFor();
  }
}
