import type { ChannelLog } from '../platform/log';
import type { Memory } from '../platform/memory';
import type { Repositories } from '../platform/repositories';
import type { EditorPerson } from '../ui/person';
import type { Texts } from '../ui/texts';

/** What commands work with; src/app.ts makes it. */
export interface Services {
  readonly repositories: Repositories;
  readonly log: ChannelLog;
  readonly memory: Memory;
  readonly person: EditorPerson;
  readonly texts: Texts;
  /** Run state of a repository has changed: tree, problems and welcome look again. */
  readonly refresh: () => void;
  /** Shows one more page of a repository's runs in the tree. */
  readonly showMoreRuns: (top: string) => void;
  /** An operation has come a step further. */
  readonly onReport: () => void;
}
