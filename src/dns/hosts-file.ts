// The hosts file: names this machine knows by itself. Pure.
import type { Address } from '../contracts/names.ts';
import { addressOf } from './address.ts';

/** Addresses by name in lower case, in the order of the file. What cannot be read is passed over, as everyone does. */
export function parseHosts(text: string): Map<string, Address[]> {
  const hosts = new Map<string, Address[]>();
  for (const line of text.split('\n')) {
    const [first, ...names] = line.replace(/#.*/s, '').trim().split(/\s+/);
    const address = addressOf(first ?? '');
    if (address === null) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, '');
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [address]);
      else if (!known.some((other) => other.address === address.address)) known.push(address);
    }
  }
  return hosts;
}
