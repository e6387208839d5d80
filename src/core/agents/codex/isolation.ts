import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { parse } from 'smol-toml';
import { readBounded } from '../../artifacts/bounded';
import type { AgentRequest } from '../types';
import { codexHome } from './transcript';

/** Longest configuration of Codex that is read, in bytes. */
const LONGEST_CONFIG = 1024 * 1024;

/**
 * Keeps what one agent has written from configuring this one: the repository counts as untrusted, so that no
 * `.codex/config.toml`, hook or rule of it is read, and its AGENTS.md is not loaded, because the prompt has it as the
 * person wrote it. A review also runs without the servers that the person has configured: some of them write.
 */
export async function isolationArgs(
  request: Pick<AgentRequest, 'access' | 'cwd'>,
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const trees = [
    ...new Set([
      request.cwd,
      await fs.realpath(request.cwd).catch(() => request.cwd),
      ...(await mainWorkTree(request.cwd)),
    ]),
  ];
  // Only whole tables hold: a dotted key and an empty table leave what the user's own file says.
  const settings = [
    `projects={${trees.map((tree) => `${JSON.stringify(tree)}={trust_level="untrusted"}`).join(',')}}`,
    'project_doc_max_bytes=0',
  ];
  const servers = request.access === 'edit' ? [] : await configuredServers(env);
  if (servers.length > 0)
    settings.push(`mcp_servers={${servers.map((name) => `${JSON.stringify(name)}={enabled=false}`).join(',')}}`);
  return settings.flatMap((setting) => ['-c', setting]);
}

/** Of a linked work tree the repository that it belongs to: Codex asks whether that one is trusted. */
async function mainWorkTree(top: string): Promise<string[]> {
  const text = (await boundedText(path.join(top, '.git'), 4096)) ?? '';
  const folder = /^gitdir: (.{1,4000})$/mu.exec(text)?.[1]?.trim();
  const main =
    folder === undefined
      ? undefined
      : /^(.*)[/\\]\.git[/\\]worktrees[/\\][^/\\]+[/\\]?$/u.exec(path.resolve(top, folder))?.[1];
  return main === undefined ? [] : [main];
}

/** The names of the servers in the user's own configuration; what cannot be read has none that Codex could start. */
async function configuredServers(env: Readonly<Record<string, string>>): Promise<string[]> {
  const text = await boundedText(path.join(codexHome(env), 'config.toml'), LONGEST_CONFIG);
  if (text === undefined) return [];
  try {
    const servers = parse(text)['mcp_servers'];
    return typeof servers === 'object' && !Array.isArray(servers) && !(servers instanceof Date)
      ? Object.keys(servers)
      : [];
  } catch {
    return [];
  }
}

async function boundedText(file: string, most: number): Promise<string | undefined> {
  const read = await readBounded(file, { most, follow: true });
  return read.how === 'read' ? read.bytes.toString('utf8') : undefined;
}
