import * as vscode from 'vscode';

/** The section of the settings for plans, `weld.plans.*`. */
export const PLANS_SECTION = 'weld.plans';

/** Globs of the Markdown files outside of `.weld` that are plans. */
export function planFiles(): readonly string[] {
  const patterns: unknown = vscode.workspace.getConfiguration(PLANS_SECTION).get('planFiles');
  return Array.isArray(patterns)
    ? patterns.filter((pattern): pattern is string => typeof pattern === 'string' && pattern !== '')
    : ['**/*.plan.md'];
}

/** The documents that the server supports. Ordinary Markdown is not among them and does not start it. */
export function documentSelector(): { scheme: string; pattern: string }[] {
  const own = ['**/.weld/runs/*/plan/*.md', '**/.weld/runs/*/research/*.md', '**/.weld/config.toml'];
  return [...own, ...planFiles()].map((pattern) => ({
    scheme: 'file',
    pattern: pattern.startsWith('/') || pattern.startsWith('**') ? pattern : `**/${pattern}`,
  }));
}
