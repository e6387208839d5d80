import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isErrno } from '../errors';
import { type Appearance, appearanceOf, looksTheSame } from './appearance';
import type { RefList } from './ref-list';
import { BRANCHES, listGroups, listRefsAndHead } from './refs';
import type { GitRunner } from './run-git';
import { commonDir } from './settings';
import type { HeadInfo } from './types';

/** Of every run, each with a name of its own below. */
const OF_RUNS = 'refs/weld/';
/** Git shows another object where one of these stands. */
const REPLACED = 'refs/replace/';

interface Answer {
  readonly head: HeadInfo;
  readonly refs: RefList;
  /** What stands in for other objects. */
  readonly replaced: RefList;
}

interface Told {
  readonly answer: Answer;
  readonly ofHead: Appearance;
  readonly ofReplaced: Appearance;
  /** Of the loose refs of each run. */
  readonly ofRuns: ReadonlyMap<string, Appearance>;
}

/** Of more runs than this git is asked for all. */
const FEW = 20;

/**
 * HEAD and the refs of runs. Git is asked again when the files that it keeps them in look changed since: for the runs
 * alone
 * whose files do, of the thousands that there may be.
 */
export class HeadAndRefs {
  private told: Told | undefined;

  /** @param gitDir of this work tree, also a linked one */
  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
  ) {}

  /** HEAD alone: the refs of runs, of which there may be many, are not looked at. */
  async head(): Promise<HeadInfo> {
    const { told } = this;
    return told && (await stillLooks(told.ofHead, (await this.files()).ofHead))
      ? told.answer.head
      : (await this.read()).head;
  }

  async read(): Promise<Answer> {
    const { told } = this;
    const files = await this.files();
    const runs: readonly string[] | null = await fs
      .readdir(files.ofRuns)
      .catch((error: unknown): string[] | null => (isErrno(error, 'ENOENT') ? [] : null));
    if (
      told &&
      runs &&
      (await stillLooks(told.ofHead, files.ofHead)) &&
      (await stillLooks(told.ofReplaced, [files.ofReplaced]))
    ) {
      const changed = [...told.ofRuns.keys()].filter((run) => !runs.includes(run));
      for (const run of runs) {
        const earlier = told.ofRuns.get(run);
        if (!earlier || !(await stillLooks(earlier, [path.join(files.ofRuns, run)]))) changed.push(run);
      }
      if (changed.length === 0) return told.answer;
      if (changed.length <= FEW) return this.readRuns(told, files.ofRuns, runs, changed);
    }
    // Before the answer, so that what changes meanwhile is seen the next time.
    const ofHead = await appearanceOf(files.ofHead, { follow: true });
    const ofReplaced = await appearanceOf([files.ofReplaced], { follow: true });
    const ofRuns = new Map<string, Appearance>();
    for (const run of runs ?? []) ofRuns.set(run, await appearanceOf([path.join(files.ofRuns, run)], { follow: true }));
    const { head, refs } = await listRefsAndHead(this.git, [OF_RUNS, REPLACED]);
    const answer = { head: head ?? (await this.off()), refs: refs[OF_RUNS], replaced: refs[REPLACED] };
    // Elsewhere than on a branch HEAD may follow any file.
    this.told = head && runs ? { answer, ofHead, ofReplaced, ofRuns } : undefined;
    return answer;
  }

  /**
   * @param folder where loose refs of runs are @param runs all that have some @param changed those that have, or had,
   * others
   */
  private async readRuns(
    told: Told,
    folder: string,
    runs: readonly string[],
    changed: readonly string[],
  ): Promise<Answer> {
    const ofRuns = new Map([...told.ofRuns].filter(([run]) => runs.includes(run)));
    for (const run of changed)
      if (runs.includes(run)) ofRuns.set(run, await appearanceOf([path.join(folder, run)], { follow: true }));
    const answer = {
      ...told.answer,
      refs: told.answer.refs.with(changed, await listGroups(this.git, OF_RUNS, changed)),
    };
    this.told = { ...told, ofRuns, answer };
    return answer;
  }

  private async files(): Promise<{
    readonly ofHead: readonly string[];
    readonly ofRuns: string;
    readonly ofReplaced: string;
  }> {
    const common = await commonDir(this.gitDir);
    const shared = (name: string): string => path.join(common, name);
    return {
      ofHead: [path.join(this.gitDir, 'HEAD'), ...['packed-refs', 'reftable', BRANCHES].map(shared)],
      ofRuns: shared(OF_RUNS),
      ofReplaced: shared(REPLACED),
    };
  }

  /** HEAD without a branch that has a commit. */
  private async off(): Promise<HeadInfo> {
    const { exitCode, stdout } = await this.git.result(['rev-parse', 'HEAD^{commit}', '--symbolic-full-name', 'HEAD'], {
      accept: [0, 128],
    });
    const [sha = null, name = ''] = exitCode === 0 ? Buffer.from(stdout).toString('utf8').split('\n') : [];
    // Without a commit there is nothing to parse, and the branch to be born is all that there is.
    const branch = sha === null ? await this.git.text(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] }) : name;
    return { sha, branch: branch.startsWith(BRANCHES) ? branch.slice(BRANCHES.length) : null };
  }
}

async function stillLooks(earlier: Appearance, files: readonly string[]): Promise<boolean> {
  return looksTheSame(earlier, await appearanceOf(files, { earlier, follow: true }));
}
