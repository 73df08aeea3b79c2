import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Authority, makeAuthority, type Pair } from '../../tests/kit/certificates.ts';
import type { ServerConfig } from '../contracts/server-config.ts';
import { loadConfig } from './load.ts';

let authority: Authority;
let pair: Pair;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-listeners-'));
  authority = makeAuthority();
  const { cert, key } = authority.sign('gate');
  // As files are read: without what stands around them.
  pair = { cert: cert.trim(), key: key.trim() };
});
afterAll(() => {
  authority.remove();
  rmSync(folder, { recursive: true, force: true });
});

function load(server: object, keys = true): ServerConfig {
  const file = path.join(folder, 'headgate.yaml');
  writeFileSync(file, stringify({ server, ...(keys ? { auth: { keys: ['a-key-of-16-or-more'] } } : {}) }));
  return loadConfig({ env: {}, cwd: folder, file, cores: 1 }).config.server;
}

describe('server.listeners', () => {
  it('names the first listener and those of node beside it', () => {
    const { cert, key } = pair;
    const server = load({
      listeners: [
        { port: 9000 },
        { port: 8443, tls: { cert, key }, http2: true },
        { unix: '/run/headgate.sock' },
        { port: 8081, engine: 'node', keepAliveMs: 620_000, host: '[::1]' },
      ],
    });
    expect(server).toMatchObject({ port: 9000, host: '0.0.0.0' });
    expect(server.listeners).toEqual([
      {
        port: 8443,
        host: '0.0.0.0',
        unix: null,
        tls: { cert, key },
        http2: true,
        grpc: false,
        keepAliveMs: 75_000,
        proxyProtocol: false,
      },
      {
        port: null,
        host: '0.0.0.0',
        unix: '/run/headgate.sock',
        tls: null,
        http2: false,
        grpc: false,
        keepAliveMs: 75_000,
        proxyProtocol: false,
      },
      {
        port: 8081,
        host: '::1',
        unix: null,
        tls: null,
        http2: false,
        grpc: false,
        keepAliveMs: 620_000,
        proxyProtocol: false,
      },
    ]);
  });

  it('leaves the first where it is when it names none', () => {
    expect(load({ listeners: [{ unix: '/run/h.sock' }] }).port).toBe(8080);
    expect(load({}).listeners).toBeUndefined();
  });

  it('asks clients for certificates where it can check them', () => {
    const { cert, key } = pair;
    const of = (tls: object) =>
      load({ listeners: [{ port: 1, tls: { cert, key, ...tls } }] }).listeners?.[0]?.tls;
    expect(of({ ca: authority.ca })).toMatchObject({ client: 'require' });
    expect(of({ ca: authority.ca, client: 'request' })).toMatchObject({ client: 'request' });
    expect(() => of({ client: 'require' })).toThrow('state it too');
  });

  it('speaks gRPC with and without TLS', () => {
    const { cert, key } = pair;
    const of = (entry: object) => load({ listeners: [{ port: 1, grpc: true, ...entry }] }).listeners?.[0];
    expect(of({})).toMatchObject({ grpc: true, tls: null, http2: false });
    expect(of({ tls: { cert, key }, http2: true })).toMatchObject({ grpc: true, tls: { cert }, http2: true });
  });

  it('is reached from nowhere else while nobody needs a key', () => {
    expect(
      load({ listeners: [{ port: 1, engine: 'node', host: '0.0.0.0' }] }, false).listeners,
    ).toMatchObject([{ host: '127.0.0.1' }]);
  });

  it.each<[string, object, string]>([
    ['nothing', {}, 'either a `port` or the path'],
    ['both', { port: 1, unix: '/a' }, 'either a `port` or the path'],
    ['HTTP/2 without TLS', { port: 1, http2: true }, 'within TLS'],
    ['gRPC of the fast one', { port: 1, engine: 'uws', grpc: true }, 'engine `node`'],
    ['no certificate', { port: 1, tls: { cert: 'x', key: 'y' } }, 'PEM'],
  ])('refuses %s', (_, entry, message) => {
    expect(() => load({ listeners: [entry] })).toThrow(message);
  });

  it('refuses one place twice, two fast ones, and a key of another certificate', () => {
    expect(() => load({ listeners: [{ unix: '/a' }, { unix: '/a' }] })).toThrow('same place');
    expect(() => load({ listeners: [{ port: 1 }, { port: 2 }] })).toThrow('one listener at most');
    expect(() => load({ port: 3, listeners: [{ port: 1 }] })).toThrow('names another port');
    const { key } = authority.sign('other');
    expect(() => load({ listeners: [{ port: 1, tls: { cert: pair.cert, key } }] })).toThrow('not that of');
  });
});
