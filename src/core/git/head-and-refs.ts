import * as path from 'node:path';
import { appearanceOf, looksTheSame, type Appearance } from './appearance';
import type { RefList } from './ref-list';
import { BRANCHES, listRefsAndHead } from './refs';
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

/** HEAD and the refs of runs. Git is asked again when the files that it keeps them in look changed since. */
export class HeadAndRefs {
  private told: { readonly answer: Answer; readonly ofHead: Appearance; readonly ofRefs: Appearance } | undefined;

  /** @param gitDir of this work tree, also a linked one */
  constructor(private readonly git: GitRunner, private readonly gitDir: string) {}

  /** HEAD alone: the refs of runs, of which there may be many, are not looked at. */
  async head(): Promise<HeadInfo> {
    const { told } = this;
    return told && (await stillLooks(told.ofHead, (await this.files()).ofHead)) ? told.answer.head : (await this.read()).head;
  }

  async read(): Promise<Answer> {
    const { told } = this;
    const files = await this.files();
    if (told && (await stillLooks(told.ofHead, files.ofHead)) && (await stillLooks(told.ofRefs, files.ofRefs))) return told.answer;
    // Before the answer, so that what changes meanwhile is seen the next time.
    const ofHead = await appearanceOf(files.ofHead, { follow: true });
    const ofRefs = await appearanceOf(files.ofRefs, { follow: true });
    const { head, refs } = await listRefsAndHead(this.git, [OF_RUNS, REPLACED]);
    const answer = { head: head ?? (await this.off()), refs: refs[OF_RUNS], replaced: refs[REPLACED] };
    // Elsewhere than on a branch HEAD may follow any file.
    this.told = head ? { answer, ofHead, ofRefs } : undefined;
    return answer;
  }

  private async files(): Promise<{ readonly ofHead: readonly string[]; readonly ofRefs: readonly string[] }> {
    const common = await commonDir(this.gitDir);
    const shared = (name: string): string => path.join(common, name);
    return { ofHead: [path.join(this.gitDir, 'HEAD'), ...['packed-refs', 'reftable', BRANCHES].map(shared)], ofRefs: [OF_RUNS, REPLACED].map(shared) };
  }

  /** HEAD without a branch that has a commit. */
  private async off(): Promise<HeadInfo> {
    const { exitCode, stdout } = await this.git.result(['rev-parse', 'HEAD^{commit}', '--symbolic-full-name', 'HEAD'], { accept: [0, 128] });
    const [sha = null, name = ''] = exitCode === 0 ? Buffer.from(stdout).toString('utf8').split('\n') : [];
    // Without a commit there is nothing to parse, and the branch to be born is all that there is.
    const branch = sha === null ? await this.git.text(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] }) : name;
    return { sha, branch: branch.startsWith(BRANCHES) ? branch.slice(BRANCHES.length) : null };
  }
}

async function stillLooks(earlier: Appearance, files: readonly string[]): Promise<boolean> {
  return looksTheSame(earlier, await appearanceOf(files, { earlier, follow: true }));
}
