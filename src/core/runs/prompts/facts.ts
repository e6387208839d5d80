/** What every prompt of a run is made from. */
export interface RunFacts {
  /** From config.toml. */
  readonly projectName: string | undefined;
  readonly spec: string;
  /** The specification's file name. */
  readonly specName: string;
  /** research.md, when there is one. */
  readonly research?: string;
}

/** "the project Sample" or "this repository". */
export function projectWords(facts: Pick<RunFacts, 'projectName'>): string {
  return facts.projectName === undefined || facts.projectName.trim() === ''
    ? 'this repository'
    : `the project ${facts.projectName}, in this repository`;
}
