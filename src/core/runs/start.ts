import * as os from 'node:os';
import * as path from 'node:path';
import { collectLeftovers, createFile, createFolder, makeWeldFolder } from '../artifacts/create';
import { RunPaths } from '../artifacts/paths';
import { newRunId, type RunId } from '../artifacts/runIds';
import { type Meta, MetaSchema, SpecRefSchema } from '../artifacts/schemas';
import { type FirstChoices, newConfigToml } from '../config';
import type { Operation, Project } from '../project';
import { readMeta, updateMeta } from '../runMeta';
import { pruneRefs } from '../steps/requests';
import { WeldError } from '../util/errors';
import { planPromptText } from './prompts/planPrompt';
import { researchPromptText } from './prompts/researchPrompt';
import { readSpec } from './spec';

export interface StartRequest {
  /** Path of the specification; absolute, or relative to the repository's top. */
  readonly spec: string;
  /** Becomes part of the folder's name. Default: the specification's file name. */
  readonly name?: string;
  readonly skipResearch?: boolean;
}

/** Maximum number of runs started with the same name within one second. A caller that starts more has a bug. */
const MAX_SAME_SECOND = 100;

/**
 * Starts a run. It needs no lock: it builds the folder elsewhere and then moves it into place, so a crash never leaves
 * an incomplete run.
 * @throws WeldError `SPEC_UNREADABLE`, `NOT_WRITABLE`, `DISK_FULL`, `CONFIG_INVALID`
 */
export async function startRun(project: Project, request: StartRequest): Promise<{ readonly runId: RunId }> {
  const spec = await readSpec(project, request.spec);
  await init(project);
  await collectLeftovers(project.paths, project.now());
  const name = request.name?.trim() ? request.name : path.parse(spec.ref.absolute_path).name;
  const first = newRunId(project.now(), name);
  const meta = await firstMeta(project, first);
  const facts = {
    projectName: (await project.config()).config.project.name,
    spec: spec.text,
    specName: path.basename(spec.ref.absolute_path),
  };
  for (let attempt = 1; attempt <= MAX_SAME_SECOND; attempt++) {
    const runId = attempt === 1 ? first : newRunId(project.now(), `${name.slice(0, 40)}-${attempt}`);
    const relative = new RunPaths('');
    const files = new Map([
      [relative.specRef, json(SpecRefSchema.parse(spec.ref))],
      ...(request.skipResearch ? [] : [[relative.researchPrompt, researchPromptText(facts)] as const]),
      [relative.planPrompt, planPromptText(facts)],
      [relative.meta, json(MetaSchema.parse({ ...meta, run_id: runId }))],
    ]);
    if (await createFolder(project.paths, project.paths.run(runId).root, files)) return { runId };
  }
  throw new WeldError(
    'INVALID_ARGUMENT',
    `There are already ${MAX_SAME_SECOND} runs named like ${first}; wait a second or choose another name.`,
  );
}

async function firstMeta(project: Project, runId: RunId): Promise<Meta> {
  const [head, config, version] = await Promise.all([project.git.head(), project.config(), project.git.version()]);
  const now = project.now().toISOString();
  return MetaSchema.parse({
    run_id: runId,
    created_at: now,
    updated_at: now,
    repo_root: project.top,
    branch: head.branch ?? 'HEAD',
    head_sha: head.sha ?? '',
    config_hash: config.hash,
    tool_versions: {
      git: version.replace(/^git version /u, ''),
      node: process.versions.node,
      os: `${os.platform()} ${os.release()}`,
    },
    last_used_at: now,
    command_history: [{ timestamp: now, command: 'run start' }],
  });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Ignores everything except itself and config.toml, which a team can share. */
const GITIGNORE = '*\n!.gitignore\n!config.toml\n';

/**
 * Creates `.weld` with its .gitignore and config.toml. Existing files stay unchanged.
 * It takes no run lock: each file is created atomically, so two windows can do this at the same time.
 * @param choices the first checks and agents
 * @returns the created files, relative to the repository's top
 * @throws WeldError `NOT_WRITABLE`, `DISK_FULL`, `OUTSIDE_REPOSITORY`; `INVALID_ARGUMENT` for choices that cannot be
 *   written, before anything is
 */
export async function init(
  project: Project,
  choices: FirstChoices = {},
): Promise<{ readonly created: readonly string[] }> {
  const { paths } = project;
  const wanted: readonly (readonly [string, string])[] = [
    [paths.gitignore, GITIGNORE],
    [paths.config, newConfigToml(path.basename(project.top), choices)],
  ];
  await makeWeldFolder(paths);
  const created: string[] = [];
  for (const [file, text] of wanted) if (await createFile(paths, file, text)) created.push(paths.relative(file));
  return { created };
}

/** Abandons a run: keeps its files and deletes its checkpoint refs. Idempotent. */
export async function abandonRun(op: Operation, { runId }: { readonly runId: RunId }): Promise<void> {
  const meta = await readMeta(op.project, runId);
  if (!meta.abandoned)
    await updateMeta(op, runId, 'run abandon', () => ({
      abandoned: true,
      abandoned_at: op.project.now().toISOString(),
    }));
  await pruneRefs(op, runId);
}
