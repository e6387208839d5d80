import * as path from 'node:path';
import { WeldError } from '../util/errors';
import type { RunId, StepKey } from './runIds';

/** Every path under `.weld`, in one place. The names are those of the command-line Weld; see README.md. */
export class WeldPaths {
  readonly root: string;

  /** @param top absolute path of the repository's top folder */
  constructor(readonly top: string) {
    this.root = path.join(top, '.weld');
  }

  get gitignore(): string {
    return path.join(this.root, '.gitignore');
  }
  get config(): string {
    return path.join(this.root, 'config.toml');
  }
  get activeLock(): string {
    return path.join(this.root, 'active.lock');
  }
  get lockDir(): string {
    return path.join(this.root, 'lock');
  }
  /** Records of supervised programs, so that the next lock holder can make sure that earlier ones have ended. */
  get workers(): string {
    return path.join(this.root, 'workers');
  }
  get runs(): string {
    return path.join(this.root, 'runs');
  }
  /** Where files and folders are built before they are renamed into place. */
  get staging(): string {
    return path.join(this.root, 'staging');
  }

  run(id: RunId): RunPaths {
    return new RunPaths(path.join(this.runs, id));
  }

  /** The path as people and trailers write it: relative to the top, with forward slashes. */
  relative(absolute: string): string {
    return path.relative(this.top, absolute).split(path.sep).join('/');
  }

  /** The folder as repositories see it, for git pathspecs. */
  static readonly folderName = '.weld';
}

export class RunPaths {
  constructor(readonly root: string) {}

  get meta(): string {
    return path.join(this.root, 'meta.json');
  }
  get specRef(): string {
    return path.join(this.root, 'inputs', 'spec.ref.json');
  }
  get summary(): string {
    return path.join(this.root, 'summary.md');
  }

  get research(): string {
    return path.join(this.root, 'research');
  }
  get researchPrompt(): string {
    return path.join(this.research, 'prompt.md');
  }
  get researchAnswer(): string {
    return path.join(this.research, 'research.md');
  }
  /** Not in the command-line Weld: the review of research.md. */
  get researchReview(): string {
    return path.join(this.research, 'review.md');
  }

  get plan(): string {
    return path.join(this.root, 'plan');
  }
  get planPrompt(): string {
    return path.join(this.plan, 'plan.prompt.md');
  }
  get planOutput(): string {
    return path.join(this.plan, 'output.md');
  }
  get planRaw(): string {
    return path.join(this.plan, 'plan.raw.md');
  }
  /** `codex.*` are historical names for the plan reviewer's files, whichever agent reviews. */
  get reviewPrompt(): string {
    return path.join(this.plan, 'codex.prompt.md');
  }
  get reviewOutput(): string {
    return path.join(this.plan, 'codex.output.md');
  }
  get planFinal(): string {
    return path.join(this.plan, 'plan.final.md');
  }

  /** One superseded version of the research or the plan. */
  history(area: 'research' | 'plan', version: number): { root: string; content: string; meta: string } {
    const root = path.join(this.root, area, 'history', `v${version}`);
    return { root, content: path.join(root, 'content.md'), meta: path.join(root, 'meta.json') };
  }
  historyRoot(area: 'research' | 'plan'): string {
    return path.join(this.root, area, 'history');
  }

  get steps(): string {
    return path.join(this.root, 'steps');
  }
  step(key: StepKey): StepPaths {
    return new StepPaths(path.join(this.steps, key));
  }

  /**
   * Not in the command-line Weld: the results of the checks on a tree before a step, in the format of an iteration.
   * @param tree a git object id
   */
  baseline(tree: string): string {
    return path.join(this.root, 'baseline', /^[0-9a-f]{40,64}$/u.test(tree) ? tree : 'unknown');
  }

  /** Not in the command-line Weld: what agents were asked for research and plan. */
  get calls(): string {
    return path.join(this.root, 'calls.json');
  }
  get commitMessage(): string {
    return path.join(this.root, 'commit', 'message.txt');
  }
  get transcript(): string {
    return path.join(this.root, 'commit', 'transcript.json');
  }
  /** Not in the command-line Weld: what a commit is about to record, so that it can be completed after a crash. */
  get commitPending(): string {
    return path.join(this.root, 'commit.pending.json');
  }
}

export class StepPaths {
  constructor(readonly root: string) {}

  get record(): string {
    return path.join(this.root, 'step.json');
  }
  get completed(): string {
    return path.join(this.root, 'completed');
  }
  /** Not in the command-line Weld: the state that the work tree was last restored to. */
  get restored(): string {
    return path.join(this.root, 'restored.json');
  }
  get skipped(): string {
    return path.join(this.root, 'skipped');
  }
  get agentFiles(): string {
    return path.join(this.root, 'agent-files.json');
  }
  get implPrompt(): string {
    return path.join(this.root, 'prompt', 'impl.prompt.md');
  }
  /** The prompt for fixing what iteration `iteration` left wrong. */
  fixPrompt(iteration: number): string {
    return path.join(this.root, 'prompt', `fix.iter${two(iteration)}.md`);
  }
  get iterations(): string {
    return path.join(this.root, 'iter');
  }
  iteration(n: number): IterationPaths {
    return new IterationPaths(path.join(this.iterations, two(n)));
  }
}

export class IterationPaths {
  constructor(readonly root: string) {}

  /** The final answer of the agent that implemented or fixed the step. */
  get answer(): string {
    return path.join(this.root, 'answer.md');
  }
  get diff(): string {
    return path.join(this.root, 'diff.patch');
  }
  /**
   * @param category a check category that is safe as a file name; the configuration refuses others
   * @throws WeldError `CONFIG_INVALID` if it is not safe
   */
  check(category: string): string {
    if (!/^[\w.-]+$/u.test(category) || /^\.+$/u.test(category))
      throw new WeldError(
        'CONFIG_INVALID',
        `The check category "${category}" cannot name a file; rename it in .weld/config.toml.`,
      );
    return path.join(this.root, 'checks', `${category}.txt`);
  }
  get checksSummary(): string {
    return path.join(this.root, 'checks.summary.json');
  }
  get reviewPrompt(): string {
    return path.join(this.root, 'review.prompt.md');
  }
  get review(): string {
    return path.join(this.root, 'review.md');
  }
  get issues(): string {
    return path.join(this.root, 'issues.json');
  }
  get status(): string {
    return path.join(this.root, 'status.json');
  }
  get timing(): string {
    return path.join(this.root, 'timing.json');
  }
  /** The finished phases of this iteration and their epoch, for resuming it. */
  get progress(): string {
    return path.join(this.root, 'progress.json');
  }
}

const two = (n: number): string => String(n).padStart(2, '0');
