import * as vscode from 'vscode';

/** The settings of plans, `weld.plans.*`. */
export const PLANS_SECTION = 'weld.plans';

/** Which Markdown files outside of `.weld` are plans, as globs. */
export function planFiles(): readonly string[] {
  const patterns: unknown = vscode.workspace.getConfiguration(PLANS_SECTION).get('planFiles');
  return Array.isArray(patterns)
    ? patterns.filter((pattern): pattern is string => typeof pattern === 'string' && pattern !== '')
    : ['**/*.plan.md'];
}

/** The documents that the server is for: ordinary Markdown is none, and does not even start it. */
export function documentSelector(): { scheme: string; pattern: string }[] {
  const own = ['**/.weld/runs/*/plan/*.md', '**/.weld/runs/*/research/*.md', '**/.weld/config.toml'];
  return [...own, ...planFiles()].map((pattern) => ({
    scheme: 'file',
    pattern: pattern.startsWith('/') || pattern.startsWith('**') ? pattern : `**/${pattern}`,
  }));
}
