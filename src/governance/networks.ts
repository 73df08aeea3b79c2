// Addresses and networks of IPv4 and IPv6, compared as numbers. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`), as a
// listener on both gives it, is the IPv4 address.
import { isIPv4, isIPv6 } from 'node:net';

interface Network {
  readonly bits: 32 | 128;
  readonly shift: bigint;
  /** Its leading bits. */
  readonly head: bigint;
}

/** A set of networks. */
export class Networks {
  readonly #all: readonly Network[];

  /** @throws Error naming the entry that is neither an address nor a network. */
  constructor(list: readonly string[]) {
    this.#all = list.map((entry) => {
      const network = parseNetwork(entry);
      if (network === null) throw new Error(`\`${entry}\` is neither an address nor a network`);
      return network;
    });
  }

  /** @param address in text; what is none is in no network. */
  has(address: string): boolean {
    const found = parseAddress(address);
    if (found === null) return false;
    return this.#all.some(({ bits, shift, head }) => bits === found.bits && found.value >> shift === head);
  }
}

/** Whether `text` is an address, or one with the length of a prefix (`10.0.0.0/8`). */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== null;
}

function parseNetwork(text: string): Network | null {
  const [address = '', length, ...more] = text.split('/');
  const found = parseAddress(address);
  if (found === null || more.length > 0) return null;
  // The prefix is stated in the bits of what was written: `::ffff:10.0.0.0/104` is 10.0.0.0/8.
  const written = isIPv4(address) ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null;
  const stated = length === undefined ? written : Number(length);
  const prefix = stated - (written - found.bits);
  if (stated > written || prefix < 0) return null;
  const shift = BigInt(found.bits - prefix);
  return { bits: found.bits, shift, head: found.value >> shift };
}

function parseAddress(text: string): { bits: 32 | 128; value: bigint } | null {
  if (isIPv4(text)) return { bits: 32, value: numberOf(text.split('.').map(Number), 8n) };
  if (!isIPv6(text) || text.includes('%')) return null;
  const value = numberOf(groupsOf(text), 16n);
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

/** The eight groups of an address that isIPv6 let pass. */
function groupsOf(text: string): number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  let plain = text;
  if (dotted !== null) {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(1).map(Number);
    plain = `${text.slice(0, dotted.index)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [left = '', right] = plain.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = read(left);
  if (right === undefined) return before;
  const behind = read(right);
  return [...before, ...new Array<number>(8 - before.length - behind.length).fill(0), ...behind];
}

function numberOf(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((value, part) => (value << width) | BigInt(part), 0n);
}
