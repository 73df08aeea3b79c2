import { expect, test } from 'vitest';
import { HeaderBag } from '../../contracts/headers.ts';
import { Networks } from '../../governance/networks.ts';
import { clientAddress } from './client-address.ts';

const proxies = new Networks(['10.0.0.0/8', '2001:db8::/32']);

function addressOf(socket: string, forwarded: readonly string[], proxied = '', trusted = true): string {
  const headers = new HeaderBag();
  for (const value of forwarded) headers.add('x-forwarded-for', value);
  const peer = { socketAddress: () => socket, proxiedAddress: () => proxied };
  return clientAddress({ peer, headers }, trusted ? proxies : null);
}

test.each<[string, string, string[], string, string]>([
  ['a stranger writes what it likes', '203.0.113.5', ['10.0.0.1'], '10.0.0.1', '203.0.113.5'],
  ['one of ours says whom it was asked by', '10.0.0.1', ['203.0.113.5'], '', '203.0.113.5'],
  ['what the client wrote stands before that', '10.0.0.1', ['1.1.1.1, 203.0.113.5'], '', '203.0.113.5'],
  ['two of ours in a row', '10.0.0.1', ['1.1.1.1, 203.0.113.5, 10.0.0.2'], '', '203.0.113.5'],
  ['in two headers', '10.0.0.1', ['1.1.1.1', '203.0.113.5, 10.0.0.2'], '', '203.0.113.5'],
  ['with ports', '10.0.0.1', ['203.0.113.5:4711'], '', '203.0.113.5'],
  ['of IPv6, with ports', '10.0.0.1', ['[2a00::1]:4711'], '', '2a00::1'],
  ['with nothing said', '10.0.0.1', [], '', '10.0.0.1'],
  ['all of them ours', '10.0.0.1', ['10.0.0.3, 10.0.0.2'], '', '10.0.0.3'],
  ['with something that is no address', '10.0.0.1', ['1.1.1.1, unknown'], '', ''],
  ['as its own protocol says it', '10.0.0.1', [], '203.0.113.9', '203.0.113.9'],
  ['its own protocol before a header', '10.0.0.1', ['1.1.1.1'], '203.0.113.9', '203.0.113.9'],
  ['both of ours', '10.0.0.1', ['203.0.113.5'], '2001:db8::7', '203.0.113.5'],
  ['IPv4 as a listener on both gives it', '::ffff:10.0.0.1', ['203.0.113.5'], '', '203.0.113.5'],
])('%s', (_, socket, forwarded, proxied, address) => {
  expect(addressOf(socket, forwarded, proxied)).toBe(address);
});

test('without proxies of ours it is the socket’s', () => {
  expect(addressOf('10.0.0.1', ['203.0.113.5'], '203.0.113.9', false)).toBe('10.0.0.1');
  expect(clientAddress({ headers: new HeaderBag() }, proxies)).toBe('');
});
