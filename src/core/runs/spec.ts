import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { readBounded } from '../artifacts/bounded';
import type { SpecRef } from '../artifacts/schemas';
import { WeldError } from '../errors';
import type { Project } from '../project';

/** A specification goes into a prompt as a whole; no model reads more than this. In bytes. */
export const MAX_SPEC_BYTES = 1024 * 1024;

export interface Spec {
  readonly text: string;
  readonly ref: SpecRef;
}

/**
 * Reads a specification; it may be outside the repository and behind a link.
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

/** The hash of the specification as it is now. @returns null when it cannot be read any more */
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
      throw unreadable(absolute, 'may not be read; give yourself the right to read it');
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
    // told below
  }
  throw unreadable(absolute, 'is not UTF-8 text; save it as UTF-8 or choose another file');
}

function unreadable(file: string, fault: string, cause?: unknown): WeldError {
  return new WeldError('SPEC_UNREADABLE', `The specification ${file} ${fault}.`, { cause });
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const megabytes = (bytes: number): string => String(Math.ceil(bytes / 1024 / 1024));
