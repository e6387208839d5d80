import type { Config } from '../config/schema';

/** Keys of `[checks]` that are settings, not categories. */
const SETTINGS = new Set(['order', 'timeout_seconds']);

/** The checks that config.toml asks for, in the order in which they run. */
export function configuredChecks(config: Config): { readonly category: string; readonly command: string }[] {
  const all = Object.entries(config.checks)
    .filter(([key, value]) => !SETTINGS.has(key) && typeof value === 'string')
    .map(([category, command]) => ({ category, command: String(command) }));
  const place = (category: string): number => {
    const at = config.checks.order?.indexOf(category) ?? -1;
    return at === -1 ? Number.MAX_SAFE_INTEGER : at;
  };
  return all.sort((a, b) => place(a.category) - place(b.category));
}
