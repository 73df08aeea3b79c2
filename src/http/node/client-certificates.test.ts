import { X509Certificate } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { makeAuthority } from '../../../tests/kit/certificates.ts';
import { readCertificate } from './client-certificates.ts';

const authority = makeAuthority();
afterAll(() => authority.remove());

const read = (...args: Parameters<typeof authority.sign>) =>
  readCertificate(new X509Certificate(authority.sign(...args).cert));

it('reads fingerprint, subject and alternative names of a certificate that openssl made', () => {
  const found = read('app', {
    organizationalUnit: 'team-a',
    names: 'URI:spiffe://example.org/ns/prod/sa/app,DNS:app.example,email:ops@example.org,IP:10.0.0.7',
  });
  expect(found.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(found.subject).toEqual([
    ['OU', 'team-a'],
    ['CN', 'app'],
  ]);
  expect(found.names).toEqual([
    ['URI', 'spiffe://example.org/ns/prod/sa/app'],
    ['DNS', 'app.example'],
    ['email', 'ops@example.org'],
    ['IP', '10.0.0.7'],
  ]);
});

it('takes no value for more than one: commas, plus signs and line ends stay in it', () => {
  expect(read('app,OU=admin \\+ O=evil').subject).toEqual([['CN', 'app,OU=admin + O=evil']]);
  expect(read('app+O=two').subject.toSorted()).toEqual([
    ['CN', 'app'],
    ['O', 'two'],
  ]);
  expect(read('app\nOU=admin').subject).toEqual([['CN', 'app\nOU=admin']]);
  // As node writes a name with a comma in it, which no openssl of a test would sign.
  const subjectAltName = 'URI:"spiffe://a/x, DNS:admin.example", DNS:app';
  expect(readCertificate({ fingerprint256: 'AA:BB', subject: '', subjectAltName }).names).toEqual([
    ['URI', 'spiffe://a/x, DNS:admin.example'],
    ['DNS', 'app'],
  ]);
});
