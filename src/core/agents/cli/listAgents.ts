import { PROVIDER_NAMES, type Provider } from '../../config/providers';
import type { Config } from '../../config/schema';
import type { Programs } from '../../process/ports';
import { type DetectedAgent, detectAgent } from './detect';

/** An agent program as it stands on this machine. */
export interface FoundAgent extends DetectedAgent {
  readonly name: Provider;
}

/** One agent in the result of `weld.agents.list`. */
export interface ListedAgent {
  /** As in config.toml. */
  readonly name: Provider;
  readonly version?: string;
  /** It can be given work: it is installed, and does not say that it is signed out. */
  readonly ok: boolean;
  /** Absent when the program does not tell. */
  readonly signedIn?: boolean;
  /** What to do, unless `ok`. */
  readonly why?: string;
}

/**
 * Looks for every agent program, in the order in which Weld offers them. It calls no service. Never throws.
 * @param programOf the program that config.toml names for an agent, if any @param names those to look for; default: all
 */
export function findAgents(
  { top, programs }: { readonly top: string; readonly programs: Programs },
  programOf: (name: Provider) => string | undefined,
  signal?: AbortSignal,
  names: readonly Provider[] = PROVIDER_NAMES,
): Promise<readonly FoundAgent[]> {
  return Promise.all(
    names.map(async (name) => {
      const exec = programOf(name);
      const found = await detectAgent(name, {
        programs,
        top,
        ...(signal && { signal }),
        ...(exec !== undefined && { exec }),
      });
      return { name, ...found };
    }),
  );
}

/** The program that an agent's own section of config.toml names. */
export const programIn =
  (config: Config) =>
  (name: Provider): string | undefined =>
    config[name].exec;

/** What callers of `weld.agents.list` are told of an agent. */
export function listedAgent({ name, installed, version, loggedIn, how }: FoundAgent): ListedAgent {
  const ok = installed && loggedIn !== 'no';
  return {
    name,
    ...(version !== undefined && { version }),
    ok,
    ...(installed && loggedIn !== 'unknown' && { signedIn: loggedIn === 'yes' }),
    ...(!ok && { why: how }),
  };
}
