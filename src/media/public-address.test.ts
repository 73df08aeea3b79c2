import { describe, expect, it } from 'vitest';
import { addressOf } from '../dns/address.ts';
import { mayFetchFrom } from './public-address.ts';

const may = (text: string, privateToo = false): boolean => mayFetchFrom(addressOf(text)!, privateToo);

const PUBLIC = ['1.1.1.1', '93.184.216.34', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'];
const PRIVATE = [
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '::1',
  'fc00::1',
  'fd12::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '64:ff9b::a00:1',
];
const SPECIAL = [
  '192.0.2.1',
  '192.88.99.1',
  '198.51.100.1',
  '203.0.113.9',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '64:ff9b:1::1',
  '100::1',
];
const NEVER = [
  '0.0.0.0',
  '169.254.169.254',
  '100.100.100.200',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  'fe80::1',
  'ff02::1',
  'fd00:ec2::254',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
];

describe('where a file may be fetched from', () => {
  it.each(PUBLIC)('%s is public', (text) => expect(may(text)).toBe(true));

  it.each([...PRIVATE, ...SPECIAL, ...NEVER])('%s is not', (text) => expect(may(text)).toBe(false));

  it.each(PRIVATE)('%s may be allowed', (text) => expect(may(text, true)).toBe(true));

  it.each(NEVER)('%s may not be allowed', (text) => expect(may(text, true)).toBe(false));
});
