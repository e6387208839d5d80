import { CHECK_SETTINGS } from '../config';
import type { Config } from '../config/schema';

/** The checks that config.toml asks for, those of `order` first. */
export function configuredChecks(config: Config): { readonly category: string; readonly command: string }[] {
  const all = Object.entries(config.checks)
    .filter(([key, value]) => !CHECK_SETTINGS.includes(key) && typeof value === 'string')
    .map(([category, command]) => ({ category, command: String(command) }));
  const place = (category: string): number => {
    const at = config.checks.order?.indexOf(category) ?? -1;
    return at === -1 ? Number.MAX_SAFE_INTEGER : at;
  };
  return all.sort((a, b) => place(a.category) - place(b.category));
}
