import { describe, expect, it } from 'vitest';
import { readProxyHeader } from './proxy-header.ts';

const v2 = (command: number, family: number, addresses: string, more = ''): Buffer => {
  const rest = Buffer.from(addresses + more, 'hex');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(rest.length);
  return Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
    Buffer.from([command, family]),
    length,
    rest,
  ]);
};
const V4 = 'cb007107c000020112345678';
const V6 = `20010db8000000000000000000000001${'0'.repeat(32)}12345678`;

describe('a PROXY header', () => {
  it.each<[string, Buffer, string]>([
    ['of version 1', Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 4660 22136\r\n'), '203.0.113.7'],
    ['of version 1, IPv6', Buffer.from('PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n'), '2001:db8::1'],
    ['of a proxy that does not know', Buffer.from('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n'), ''],
    ['that is short', Buffer.from('PROXY UNKNOWN\r\n'), ''],
    ['of version 2', v2(0x21, 0x11, V4), '203.0.113.7'],
    ['of version 2, IPv6', v2(0x21, 0x21, V6), '2001:db8:0:0:0:0:0:1'],
    ['with more behind its addresses', v2(0x21, 0x11, V4, '0400020000'), '203.0.113.7'],
    ['of a health check of the proxy itself', v2(0x20, 0x00, ''), ''],
    ['of a family we do not know', v2(0x21, 0x31, '00'.repeat(216)), ''],
  ])('%s is read, and ends where the request begins', (_, header, address) => {
    const request = Buffer.from('GET / HTTP/1.1\r\n');
    expect(readProxyHeader(Buffer.concat([header, request]))).toEqual({
      kind: 'read',
      address,
      bytes: header.length,
    });
    // In pieces of any size.
    for (let end = 1; end < header.length; end++)
      expect(readProxyHeader(header.subarray(0, end))).toEqual({ kind: 'more' });
  });

  it.each([
    ['a request', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
    ['an address that is none', Buffer.from('PROXY TCP4 <script> 192.0.2.1 1 2\r\n')],
    ['a line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(120)}`)],
    ['a command of no version', v2(0x2f, 0x11, V4)],
    ['a length beyond all reason', v2(0x21, 0x11, V4, '00'.repeat(5_000))],
    ['TLS', Buffer.from('16030100', 'hex')],
  ])('%s is none', (_, bytes) => {
    expect(readProxyHeader(bytes)).toEqual({ kind: 'none' });
  });
});
