// Redis over TLS: with the configured authority it is used as any other, and one that nobody vouches for is not, in words
// that say why.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';
import { bucket, closeGates, gate, rate, readyGate, takeOne } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const hasTls = has('openssl', 'version') && has('redis-server', '--version');

let folder = '';
let server: RedisServer;
let tlsPort = 0;
const file = (name: string): string => join(folder, name);
const pem = (name: string): string => readFileSync(file(name), 'utf8');

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Key and certificate `name`.key and `name`.pem, signed by itself unless `more` says by whom. */
function certificate(name: string, subject: string, ...more: string[]): void {
  const key = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'.split(' ');
  openssl('req', ...key, '-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...more);
}

beforeAll(async () => {
  if (!hasTls) return;
  folder = mkdtempSync(join(tmpdir(), 'headgate-tls-'));
  certificate('ours', 'ours of the tests');
  certificate('theirs', 'theirs of the tests');
  const signed = '-CA ours.pem -CAkey ours.key -addext subjectAltName=IP:127.0.0.1';
  certificate('redis', 'redis', ...`${signed} -addext basicConstraints=critical,CA:FALSE`.split(' '));
  tlsPort = await freePort();
  server = await startRedis({
    args: [
      '--tls-port',
      String(tlsPort),
      '--tls-cert-file',
      file('redis.pem'),
      '--tls-key-file',
      file('redis.key'),
      '--tls-ca-cert-file',
      file('ours.pem'),
      '--tls-auth-clients',
      'no',
      '--requirepass',
      'secret-of-redis',
    ],
  });
});

afterEach(closeGates);

afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const ample = bucket(rate('ample', 1_000_000, 60_000));
const url = (host = '127.0.0.1', port = tlsPort): string => `rediss://:secret-of-redis@${host}:${port}`;

describe.skipIf(!hasTls)('Redis over TLS', () => {
  it('shares limits, with the authority that is configured, also as one of several', async () => {
    const one = await readyGate({ url: url(), timeoutMs: 20_000, ca: pem('ours.pem') });
    const two = await readyGate({ url: url(), timeoutMs: 20_000, ca: pem('theirs.pem') + pem('ours.pem') });
    const tight = bucket(rate('tight', 2, 3_600_000, 2));
    expect((await takeOne(one.authority, tight)).granted).toBe(1);
    expect((await takeOne(two.authority, tight)).granted).toBe(1);
    expect(await takeOne(one.authority, tight)).toMatchObject({ granted: 0 });
    expect((await takeOne(two.authority, tight)).degraded).toBeUndefined();
    expect(one.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it.each([
    ['an authority nobody knows', () => ({ url: url() }), /certificate|issuer/i],
    ['another authority', () => ({ url: url(), ca: pem('theirs.pem') }), /certificate|issuer/i],
    ['another name', () => ({ url: url('localhost'), ca: pem('ours.pem') }), /localhost|altname/i],
  ] as const)(
    'is refused because of %s: policy, one line a second that says so, and no secret',
    async (_, config, says) => {
      const one = gate({ onFailure: 'closed', ...config() });
      await waitUntil(() => one.lines.length > 0, 'a log line');
      expect(one.lines[0]!.message).toBe('redis: cannot be reached');
      expect(one.lines[0]!.fields).toMatchObject({ fault: 'tls', reason: expect.stringMatching(says) });
      expect(JSON.stringify(one.lines)).not.toContain('secret-of-redis');
      expect(await takeOne(one.authority, ample)).toMatchObject({ granted: 0, degraded: true });
      expect(one.authority.stats().faults.tls).toBeGreaterThanOrEqual(1);
      expect(one.authority.healthy).toBe(false);
    },
  );
});
