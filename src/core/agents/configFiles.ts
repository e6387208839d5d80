import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { lstat } from '../util/files';

/** Folders in which every file configures an agent, at any depth, in lower case. */
const FOLDERS = new Set([
  '.claude',
  '.codex',
  '.gemini',
  '.qwen',
  '.opencode',
  '.cursor',
  '.windsurf',
  '.agents',
  '.agent',
  '.continue',
  '.roo',
  '.kilocode',
  '.cline',
  '.clinerules',
  '.amazonq',
  '.augment',
  '.junie',
  '.goose',
  '.crush',
  '.kiro',
  '.factory',
  '.amp',
  '.trae',
  '.copilot',
  '.openhands',
  '.devin',
  '.rules',
  '.ruler',
]);
const FILES = new Set([
  '.mcp.json',
  'mcp.json',
  'opencode.json',
  'opencode.jsonc',
  'crush.json',
  '.crush.json',
  'codex.md',
  'copilot-instructions.md',
  '.goosehints',
  '.cursorrules',
  '.cursorignore',
  '.cursorindexingignore',
  '.windsurfrules',
  '.clinerules',
  '.roorules',
  '.roomodes',
  '.kilocodemodes',
  '.geminiignore',
  '.codeiumignore',
  '.rules',
  '.airules',
  '.replit.md',
  'warp.md',
]);
/** Instruction files such as `AGENTS.md`, `CLAUDE.local.md` and `AGENTS.override.md`. */
const INSTRUCTIONS = /^(?:agents?|claude|gemini|qwen|crush|opencode|codex)(?:\.[\w-]{1,20})?\.md$/u;
/** Notes that an agent keeps for itself; they configure no agent. */
const OWN_NOTES = /^\.aider\.(?:chat|input|llm|tags)/u;
const BELOW_GITHUB = /^(?:copilot|instructions$|prompts$|agents$|chatmodes$|hooks$|skills$)/u;
/** Folders in which only some files configure an agent. */
const MIXED = new Set(['.github', '.vscode']);

/**
 * Whether a file configures an agent program: settings, servers, hooks or instructions. Compares names as the most
 * lenient file system would: it ignores letter case, invisible characters, and dots and spaces at the end.
 * @param file relative to the repository's top, with forward slashes
 */
export function configuresAgents(file: string): boolean {
  const names = file.split('/').map(plain);
  return names.some((name, i) => {
    if (FOLDERS.has(name) && i < names.length - 1) return true;
    if (names[i - 1] === '.github') return BELOW_GITHUB.test(name);
    if (i < names.length - 1) return false;
    if (names[i - 1] === '.vscode') return name === 'mcp.json';
    return (
      FILES.has(name) ||
      FOLDERS.has(name) ||
      INSTRUCTIONS.test(name) ||
      (name.startsWith('.aider') && !OWN_NOTES.test(name)) ||
      name.startsWith('.windsurf')
    );
  });
}

const plain = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
    .replace(/(?<![. ])[. ]+$/u, '');

/** Digests of files by their path relative to the top. */
export type AgentFiles = ReadonlyMap<string, string>;

const MOST_FILES = 2_000;
const DEEPEST = 8;
const MOST_BYTES = 1024 * 1024;

/**
 * Reads the files that configure agents, at the repository's top and in its agent folders. Includes files that git
 * ignores; follows no links.
 */
export async function agentFilesAt(top: string): Promise<AgentFiles> {
  const found = new Map<string, string>();
  for (const entry of await fs.readdir(top, { withFileTypes: true }).catch(() => [])) {
    const name = plain(entry.name);
    if (FOLDERS.has(name) || MIXED.has(name) || configuresAgents(entry.name)) await collect(top, entry.name, 0, found);
  }
  return found;
}

/**
 * Reads the files that configure agents at or below one path.
 * @param file relative to the top; a folder ends with a slash
 */
export async function agentFilesBelow(top: string, file: string): Promise<AgentFiles> {
  const found = new Map<string, string>();
  if (configuresAgents(file.endsWith('/') ? `${file}x` : file)) await collect(top, file.replace(/\/$/u, ''), 0, found);
  return found;
}

async function collect(top: string, file: string, depth: number, found: Map<string, string>): Promise<void> {
  if (found.size >= MOST_FILES || depth > DEEPEST) return;
  const stat = await lstat(path.join(top, file)).catch(() => null);
  if (stat?.isDirectory()) {
    // Work trees in an agent's folder are repositories of their own.
    for (const name of await fs.readdir(path.join(top, file)).catch(() => []))
      if (name !== 'worktrees' && name !== 'node_modules') await collect(top, `${file}/${name}`, depth + 1, found);
  } else if (stat && configuresAgents(file)) found.set(file, (await agentFileDigest(top, file)) ?? 'unreadable');
}

/** @returns the file's digest, a word for anything else found there, or null when nothing is there */
export async function agentFileDigest(top: string, file: string): Promise<string | null> {
  const absolute = path.join(top, file);
  const stat = await lstat(absolute).catch(() => null);
  if (!stat) return null;
  if (stat.isSymbolicLink()) return `link to ${await fs.readlink(absolute).catch(() => '')}`;
  if (!stat.isFile()) return 'no file';
  const handle = await fs
    .open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    .catch(() => null);
  if (!handle) return 'unreadable';
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.min(stat.size, MOST_BYTES)),
      0,
      Math.min(stat.size, MOST_BYTES),
      0,
    );
    const hash = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
    return stat.size > MOST_BYTES ? `${hash} ${stat.size} ${stat.mtimeMs}` : hash;
  } finally {
    await handle.close();
  }
}

/** The paths whose content differs from the trusted one, sorted. */
export function changedAgentFiles(trusted: AgentFiles, now: AgentFiles): string[] {
  return [...new Set([...trusted.keys(), ...now.keys()])].filter((file) => trusted.get(file) !== now.get(file)).sort();
}
