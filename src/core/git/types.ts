/** A git object id in hex. */
export type Oid = string;

export interface HeadInfo {
  /** Null in a repository without commits. */
  readonly sha: Oid | null;
  /** Null when HEAD is detached. */
  readonly branch: string | null;
}

/** A tree written from the work tree through a private index; the user's index, HEAD and branch never move. */
export interface CapturedTree {
  readonly tree: Oid;
  /** Untracked files that were left out until the person says otherwise, each with why. */
  readonly leftOut: readonly { readonly path: string; readonly why: 'large' | 'secret' }[];
}

export interface ChangedFile {
  /** Relative to the repository's top, forward slashes. */
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted' | 'type-changed';
}

export interface CommitRequest {
  readonly message: string;
  /** `staged`: the index as it stands; `all`: every change; or the chosen paths, relative to the top. Never `.weld`. */
  readonly what: 'staged' | 'all' | readonly string[];
  readonly trailers: readonly { readonly key: string; readonly value: string }[];
  readonly signal?: AbortSignal;
}

/**
 * Git as Weld needs it. Every method that writes (index, refs, objects that matter, work tree) first calls `beforeWrite`
 * of its request's lock; see `createGit`. All throw WeldError: `GIT_MISSING`, `GIT_LOCKED` (index.lock), `UNSAFE_REPOSITORY`,
 * `NOT_A_REPOSITORY`, `GIT_FAILED`.
 */
export interface Git {
  readonly top: string;
  head(): Promise<HeadInfo>;
  /** Null: the file is not known to git; hashes the content without writing an object. */
  blobId(absolutePath: string): Promise<Oid | null>;
  version(): Promise<string>;
}
