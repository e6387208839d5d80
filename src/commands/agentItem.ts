import type { QuickPickItem } from 'vscode';
import type { ListedAgent } from '../core/agents/cli/listAgents';
import { PROVIDERS } from '../core/config/providers';
import { joined } from '../ui/format';

/** An agent program as an entry of a pick. @param detail default: what to do when it cannot work */
export function agentItem({ name, version, ok, signedIn, why }: ListedAgent, detail = why): QuickPickItem {
  const installed = ok || signedIn !== undefined;
  const login = signedIn === undefined ? '' : signedIn ? 'logged in' : 'not logged in';
  return {
    label: `$(${installed ? 'sparkle' : 'circle-slash'}) ${PROVIDERS[name].label}`,
    description: installed ? joined([version ?? 'installed', login], ', ') : 'not installed',
    ...(detail !== undefined && { detail }),
  };
}
