// The header a proxy writes in front of a connection's first byte, to say whose it is (PROXY protocol, versions 1 and 2).

export type ProxyHeader =
  /** `address`: of the client; '' = the proxy speaks for itself, or does not know. `bytes`: length of the header. */
  | { readonly kind: 'read'; readonly address: string; readonly bytes: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'none' };

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** Longest of version 1, its line end included. */
const MAX_LINE = 107;
/** Head of version 2, and the most we take behind it: addresses and what proxies add to them. */
const FIXED_BYTES = 16;
const MAX_V2 = 4_096;
const LINE =
  /^PROXY (?:(UNKNOWN)(?: .*)?|TCP[46] ([0-9a-fA-F.:]{2,45}) [0-9a-fA-F.:]{2,45} \d{1,5} \d{1,5})$/;
const [LOCAL, PROXIED] = [0x20, 0x21];
const [IPV4, IPV6] = [1, 2];

/** @param bytes everything that came so far. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  const compared = Math.min(bytes.length, SIGNATURE.length);
  if (bytes.subarray(0, compared).equals(SIGNATURE.subarray(0, compared)))
    return compared < SIGNATURE.length ? { kind: 'more' } : readBinary(bytes);
  return readLine(bytes);
}

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.indexOf('\r\n');
  const text = bytes.toString('latin1', 0, end === -1 ? Math.min(bytes.length, MAX_LINE) : end);
  const beginning = 'PROXY '.slice(0, text.length);
  if (!text.startsWith(beginning)) return { kind: 'none' };
  if (end === -1) return bytes.length < MAX_LINE ? { kind: 'more' } : { kind: 'none' };
  const found = LINE.exec(text);
  if (found === null || end + 2 > MAX_LINE) return { kind: 'none' };
  return { kind: 'read', address: found[2] ?? '', bytes: end + 2 };
}

function readBinary(bytes: Buffer): ProxyHeader {
  if (bytes.length < FIXED_BYTES) return { kind: 'more' };
  const command = bytes[12]!;
  if (command !== LOCAL && command !== PROXIED) return { kind: 'none' };
  const whole = FIXED_BYTES + bytes.readUInt16BE(14);
  if (whole > MAX_V2) return { kind: 'none' };
  if (bytes.length < whole) return { kind: 'more' };
  const family = bytes[13]! >> 4;
  const addresses = bytes.subarray(FIXED_BYTES, whole);
  let address = '';
  if (command === PROXIED && family === IPV4 && addresses.length >= 12)
    address = [...addresses.subarray(0, 4)].join('.');
  if (command === PROXIED && family === IPV6 && addresses.length >= 36)
    address = ipv6(addresses.subarray(0, 16));
  return { kind: 'read', address, bytes: whole };
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return groups.join(':');
}
