// Addresses of hosts, and the hosts that need no look-up.
import { isIP } from 'node:net';
import type { Address } from '../contracts/names.ts';

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** `text` as an address; null when it is a name. Brackets of URLs are taken off. */
export function addressOf(text: string): Address | null {
  const bare = bareHost(text);
  const family = isIP(bare);
  return family === 0 ? null : { address: bare, family: family === 4 ? 4 : 6 };
}

/** Without the brackets that URLs put around addresses of IPv6. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** This machine itself, as RFC 6761 has it: no resolver is asked for such a name, whatever it would say. */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

export function isLoopback({ address, family }: Address): boolean {
  if (family === 4) return address.startsWith('127.');
  return /^(::1|::ffff:127\.\d+\.\d+\.\d+)$/i.test(address);
}

/** What a local name stands for: what the hosts file says of it, as far as that is this machine. */
export function loopback(listed: readonly Address[] | undefined): readonly Address[] {
  const own = listed?.filter(isLoopback) ?? [];
  return own.length > 0 ? own : LOOPBACK;
}
