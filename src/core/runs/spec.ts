import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { readBounded } from '../artifacts/bounded';
import type { RunId } from '../artifacts/runIds';
import { type SpecRef, SpecRefSchema } from '../artifacts/schemas';
import { readRecord, readText } from '../artifacts/store';
import type { Project } from '../project';
import { WeldError } from '../util/errors';
import type { RunFacts } from './prompts/planPrompt';

/** Maximum size of a specification, in bytes. The prompt contains all of it, and no model can read more. */
export const MAX_SPEC_BYTES = 1024 * 1024;

/** A specification and the record that refers to it. */
export interface Spec {
  readonly text: string;
  readonly ref: SpecRef;
}

/**
 * Reads a specification. The file may be outside the repository or behind a symbolic link.
 * @param file absolute, or relative to the repository's top
 * @throws WeldError `SPEC_UNREADABLE`
 */
export async function readSpec(project: Project, file: string): Promise<Spec> {
  const absolute = path.resolve(project.top, file);
  const bytes = await readBytes(absolute);
  const text = decode(absolute, bytes);
  if (text.trim() === '') throw unreadable(absolute, 'is empty; write down what is wanted and try again');
  return {
    text,
    ref: {
      absolute_path: absolute,
      sha256: sha256(bytes),
      size_bytes: bytes.length,
      git_blob_id: await project.git.blobId(absolute),
    },
  };
}

/** Returns the SHA-256 hash of the current specification, or null if it can no longer be read. */
export async function currentSpecHash(ref: SpecRef): Promise<string | null> {
  return readBytes(ref.absolute_path).then(sha256, () => null);
}

async function readBytes(absolute: string): Promise<Buffer> {
  const found = await readBounded(absolute, { most: MAX_SPEC_BYTES, follow: true });
  switch (found.how) {
    case 'read':
      return found.bytes;
    case 'missing':
      throw unreadable(absolute, 'does not exist; choose another file');
    case 'folder':
      throw unreadable(absolute, 'is a folder; choose a file');
    case 'special':
      throw unreadable(absolute, 'is not a regular file; choose another');
    case 'link':
      throw unreadable(absolute, 'is a link that leads nowhere; choose another file');
    case 'denied':
      throw unreadable(absolute, 'cannot be read: permission denied; give yourself read access');
    case 'large':
      throw unreadable(
        absolute,
        `is ${megabytes(found.size)} MB long and would not fit into a prompt; keep it under ` +
          `${megabytes(MAX_SPEC_BYTES)} MB`,
      );
    case 'failed':
      throw unreadable(absolute, `cannot be read (${found.why}); choose another file`, found.cause);
  }
}

function decode(absolute: string, bytes: Uint8Array): string {
  try {
    if (!bytes.includes(0)) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The error below reports this.
  }
  throw unreadable(absolute, 'is not UTF-8 text; save it as UTF-8 or choose another file');
}

function unreadable(file: string, fault: string, cause?: unknown): WeldError {
  return new WeldError('SPEC_UNREADABLE', `The specification ${file} ${fault}.`, { cause });
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const megabytes = (bytes: number): string => String(Math.ceil(bytes / 1024 / 1024));

/** Reads the run's reference to its specification. @throws WeldError `SPEC_UNREADABLE` if it is missing */
export async function readSpecRef(project: Project, runId: RunId): Promise<SpecRef> {
  const file = project.paths.run(runId).specRef;
  const ref = await readRecord(file, SpecRefSchema);
  if (!ref)
    throw new WeldError(
      'SPEC_UNREADABLE',
      `${file} is missing, so the run does not know its specification; restore it or start a new run.`,
    );
  return ref;
}

/** Reads the current input of the run's prompts, and returns it with an updated reference to the specification. */
export async function runFacts(project: Project, runId: RunId): Promise<RunFacts & { readonly ref: SpecRef }> {
  const old = await readSpecRef(project, runId);
  const [spec, loaded, research] = await Promise.all([
    readSpec(project, old.absolute_path),
    project.config(),
    readText(project.paths.run(runId).researchAnswer),
  ]);
  return {
    projectName: loaded.config.project.name,
    spec: spec.text,
    specName: path.basename(old.absolute_path),
    ref: { ...old, ...spec.ref },
    ...(research !== null && { research }),
  };
}
