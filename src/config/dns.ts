// How names are looked up, as the file says it.
import { isIP } from 'node:net';
import type { DnsConfig } from '../contracts/reach-config.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_DNS } from './schema/defaults.ts';
import type { FileConfig } from './schema/schema.ts';

export function buildDns(stated: FileConfig['dns'], context: BuildContext): DnsConfig {
  const servers = stated?.servers ?? [];
  for (const [index, server] of servers.entries()) {
    if (!isServer(server)) context.report(['dns', 'servers', index], 'expected the address of a name server');
  }
  return { servers: [...servers], timeoutMs: stated?.timeoutMs ?? DEFAULT_DNS.timeoutMs };
}

/** `address`, `v4:port`, `[v6]` or `[v6]:port`. */
function isServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, host, port] = /^(?:\[([^\]]+)\]|[\d.]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = host ?? text.replace(/:\d+$/, '');
  const wanted = host === undefined ? 4 : 6;
  return isIP(address) === wanted && (port === undefined || (Number(port) > 0 && Number(port) < 65_536));
}
