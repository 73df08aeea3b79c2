// What a new configuration means to a gateway that runs: pure, used by cluster/configuration. The listener's address is
// fixed for the life of the process; everything else follows the file.
import { isDeepStrictEqual } from 'node:util';
import { isLoopback } from '../../src/config/access.ts';
import type { Config } from '../../src/contracts/config.ts';

export interface ReloadPlan {
  /** The new configuration with the running listener's address. */
  config: Config;
  /** Settings that differ and wait for a whole restart. */
  needsRestart: string[];
  /** Settings that only workers started from now on have (rolling restart, SIGUSR2). */
  needsRoll: string[];
  /** Why it must not be applied at all; null = it may. */
  refused: string | null;
}

/**
 * @param running the configuration in force; its port is the one that is open.
 * @param loaded what the last load said, before the open port was put in its place.
 */
export function planReload(running: Config, loaded: Config, next: Config): ReloadPlan {
  const { host, port } = running.server;
  const config: Config = { ...next, server: { ...next.server, host, port } };
  const needsRestart: string[] = [];
  if (next.server.port !== loaded.server.port && next.server.port !== port) needsRestart.push('server.port');
  // Without keys the host is loopback by rule, so a change of keys may show as a change of host.
  if (next.server.host !== host) needsRestart.push('server.host');
  const needsRoll: string[] = [];
  for (const name of ['threads', 'receiveBufferBytes'] as const)
    if (next.server[name] !== running.server[name]) needsRoll.push(`server.${name}`);
  if (next.log.level !== running.log.level) needsRoll.push('log.level');
  // Open to all only where the operator said so in words (then the loaded host is not loopback either).
  const open = next.auth.anonymous && isLoopback(next.server.host) && !isLoopback(host);
  return {
    config,
    needsRestart,
    needsRoll,
    refused: open
      ? `without API keys the gateway may only listen on loopback, but it is open on ${host}: restart it to serve without keys`
      : null,
  };
}

/** True when nothing a worker would see differs. */
export function sameConfig(a: Config, b: Config): boolean {
  return isDeepStrictEqual({ ...a, notes: [] }, { ...b, notes: [] });
}
