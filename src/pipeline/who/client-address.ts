// Where a call comes from. Anybody can write a header: what one says of an address counts only as far as the proxies that
// wrote it are known, from the nearest one outwards.
import { isIP } from 'node:net';
import type { RequestHead } from '../../contracts/call.ts';

/**
 * The address of the first one on the way, seen from here, that is none of our proxies.
 *
 * @param proxies those whose word counts; null = nobody's. @returns '' where it is not known.
 */
export function clientAddress(
  { peer, headers }: Pick<RequestHead, 'peer' | 'headers'>,
  proxies: { has(address: string): boolean } | null,
): string {
  if (peer === undefined) return '';
  let nearest = peer.socketAddress();
  if (proxies === null || !proxies.has(nearest)) return nearest;
  nearest = peer.proxiedAddress() || nearest;
  if (!proxies.has(nearest)) return nearest;
  // Each proxy adds whom it was asked by at the end.
  const hops = headers.get('x-forwarded-for')?.split(',') ?? [];
  for (const hop of hops.reverse()) {
    const address = plainAddress(hop.trim());
    // A proxy of ours that wrote no address: who was before it, nobody knows.
    if (address === null) return '';
    nearest = address;
    if (!proxies.has(nearest)) return nearest;
  }
  return nearest;
}

/** Some write a port along: `10.0.0.1:1234`, `[::1]:1234`. */
function plainAddress(text: string): string | null {
  const bare =
    /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? null : bare;
}
