import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { authorityCertificate, serverCertificate } from './certificates.ts';
import { integer, oid, tagged, time } from './der.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const now = Date.now();
const validity = { from: now - 60_000, until: now + 3_600_000 };
const ca = pair();
const issuer = { name: 'Ümlaut authority', privateKey: ca.privateKey };
const authority = authorityCertificate(issuer, validity);
const leaf = pair();
const certificate = serverCertificate(issuer, 'api.vendor.example', leaf.publicKey, validity);

it('a server’s certificate is what its authority signed, for its host and no other', () => {
  const [above, below] = [new X509Certificate(authority), new X509Certificate(certificate)];
  expect([above.ca, below.ca]).toEqual([true, false]);
  expect(below.checkIssued(above)).toBe(true);
  expect(below.verify(above.publicKey)).toBe(true);
  expect(below.verify(leaf.publicKey)).toBe(false);
  expect(below.checkHost('api.vendor.example')).toBe('api.vendor.example');
  expect(below.checkHost('vendor.example')).toBeUndefined();
  expect(below.checkPrivateKey(leaf.privateKey)).toBe(true);
  expect(Date.parse(below.validTo) - Date.parse(below.validFrom)).toBe(validity.until - validity.from);
  expect(above.subject).toContain('mlaut authority');
});

it('is right by the strict rules of somebody else’s library', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-leaf-'));
  writeFileSync(path.join(folder, 'ca.pem'), authority);
  writeFileSync(path.join(folder, 'leaf.pem'), certificate);
  const run = (...more: string[]) =>
    spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', 'ca.pem', ...more, 'leaf.pem'], {
      cwd: folder,
      encoding: 'utf8',
    });
  const verified = run('-purpose', 'sslserver', '-verify_hostname', 'api.vendor.example');
  expect([verified.stderr, verified.stdout.trim()]).toEqual(['', 'leaf.pem: OK']);
  expect(run('-purpose', 'sslclient').status).not.toBe(0);
  rmSync(folder, { recursive: true });
});

it('opens a connection of TLS', async () => {
  const server = createServer(
    { key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }), cert: certificate },
    (_request, response) => response.end('open'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const asked = (options: object): Promise<string> =>
    new Promise((resolve, reject) => {
      get(
        { host: '127.0.0.1', port, servername: 'api.vendor.example', agent: false, ...options },
        (answer) => {
          answer.resume();
          answer.once('end', () => resolve(String(answer.statusCode)));
        },
      ).once('error', (error: NodeJS.ErrnoException) => reject(error));
    });
  await expect(asked({ ca: authority })).resolves.toBe('200');
  await expect(asked({})).rejects.toThrow(/certificate/);
  await expect(asked({ ca: authority, servername: 'other.example' })).rejects.toThrow(/altnames|Hostname/i);
  await new Promise((resolve) => server.close(resolve));
});

it('writes numbers, names and lengths as DER has them', () => {
  expect(integer(Buffer.from([0, 0, 0x80])).toString('hex')).toBe('02020080');
  expect(integer(Buffer.from([0])).toString('hex')).toBe('020100');
  expect(oid('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
  expect(tagged(4, Buffer.alloc(300)).subarray(0, 4).toString('hex')).toBe('0482012c');
  expect(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1')).toContain('491231235959Z');
  expect(time(Date.UTC(2050, 0, 1)).toString('latin1')).toContain('20500101000000Z');
});
