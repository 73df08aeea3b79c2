// Which addresses a file may be fetched from: by default only global unicast, so that nobody reaches through the gateway what
// he cannot reach himself. The nets are IANA's special-purpose registries (RFC 6890 and its updates).
import { BlockList } from 'node:net';
import type { Address } from '../contracts/names.ts';

/** Never, whatever the operator allows: cloud metadata, this link, no host, many hosts. */
const NEVER = listOf(
  ['0.0.0.0/8', '169.254.0.0/16', '100.100.100.200/32', '192.0.0.192/32', '224.0.0.0/4', '240.0.0.0/4'],
  ['::/128', 'fe80::/10', 'fec0::/10', 'ff00::/8', 'fd00:ec2::254/128', 'fd20:ce::254/128'],
);

const SPECIAL = listOf(
  [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
  ],
  ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'],
);

/** All that is global unicast in IPv6, special-purpose nets among it. */
const GLOBAL_V6 = listOf([], ['2000::/3']);

/**
 * Whether a file may be fetched from there.
 *
 * @param privateToo hosts of the operator's own nets and of this machine as well.
 */
export function mayFetchFrom(address: Address, privateToo: boolean): boolean {
  const { address: text, family } = embeddedV4(address);
  const type = family === 4 ? 'ipv4' : 'ipv6';
  // An address with a zone is one of a link.
  if (text.includes('%') || NEVER.check(text, type)) return false;
  if (privateToo) return true;
  return !SPECIAL.check(text, type) && (family === 4 || GLOBAL_V6.check(text, 'ipv6'));
}

/** `::ffff:10.0.0.1` and `64:ff9b::a00:1` are 10.0.0.1. */
function embeddedV4({ address, family }: Address): Address {
  if (family === 4) return { address, family };
  const groups = groupsOf(address);
  const head = groups?.slice(0, 6).join(':');
  if (groups === null || (head !== '0:0:0:0:0:ffff' && head !== '64:ff9b:0:0:0:0'))
    return { address, family };
  const [high, low] = [Number.parseInt(groups[6]!, 16), Number.parseInt(groups[7]!, 16)];
  return { address: [high >> 8, high & 255, low >> 8, low & 255].join('.'), family: 4 };
}

/** The eight groups of an address of IPv6, without leading zeros; null when it has a zone. */
function groupsOf(address: string): string[] | null {
  if (address.includes('%')) return null;
  // The URL parser writes every spelling in one way, a dotted tail included.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const front = head === '' ? [] : head.split(':');
  if (tail === undefined) return front;
  const back = tail === '' ? [] : tail.split(':');
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
}

function listOf(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [nets, type] of [
    [v4, 'ipv4'],
    [v6, 'ipv6'],
  ] as const)
    for (const net of nets) {
      const [address, bits] = net.split('/');
      list.addSubnet(address!, Number(bits), type);
    }
  return list;
}
