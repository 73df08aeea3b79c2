import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNetwork, Networks } from './networks.ts';

describe('networks', () => {
  it.each([
    ['10.0.0.0/8', '10.255.1.2', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.9.9.9/8', '10.0.0.1', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '10.0.0.1', false],
    ['2001:db8::/32', '2001:db8:1:2:3:4:5:6', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['10.0.0.0/8', '::ffff:10.1.1.1', true],
    ['10.0.0.0/8', '::ffff:0a01:0101', true],
    ['10.0.0.0/8', '0000:0000:0000:0000:0000:ffff:0a01:0101', true],
    ['::ffff:10.0.0.0/104', '10.1.1.1', true],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['127.0.0.0/8', '', false],
    ['127.0.0.0/8', '127.0.0.1:80', false],
    ['127.0.0.0/8', '127.1', false],
  ])('%s has %s: %j', (network, address, has) => {
    expect(new Networks([network]).has(address)).toBe(has);
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    'host',
  ])('are not %j', (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => new Networks([text])).toThrow('neither an address nor a network');
  });

  it('agree with the leading bits of their text', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    const bits = (parts: number[]): string => parts.map((part) => part.toString(2).padStart(8, '0')).join('');
    fc.assert(
      fc.property(octets, octets, fc.nat(32), (a, b, prefix) => {
        const same = bits(a).slice(0, prefix) === bits(b).slice(0, prefix);
        expect(new Networks([`${a.join('.')}/${prefix}`]).has(b.join('.'))).toBe(same);
      }),
    );
  });
});
