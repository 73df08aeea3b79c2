// What listeners do beneath gRPC as they do beneath HTTP: client certificates, a certificate that changes, a PROXY header, each with
// @grpc/grpc-js as the client.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as netConnect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { status as Status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Role } from '../../src/grpc/chat-messages.ts';
import { type Authority, makeAuthority } from '../kit/certificates.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { GrpcChat, metadataOf } from '../kit/grpc-client.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { testConfig } from '../kit/test-config.ts';

/** A key that is good from 203.0.113.0/24 alone. */
const NEAR = 'hg-key-of-an-address-0001';

let folder: string;
let authority: Authority;
let mock: MockUpstream;
let gateway: GatewayProcess;
const ports = { tls: 0, mutual: 0, proxied: 0, proxiedTls: 0 };
const clients: GrpcChat[] = [];
const shims: Server[] = [];
const file = (name: string): string => path.join(folder, name);

function writePair(): void {
  const { cert, key } = authority.sign('localhost');
  writeFileSync(file('tls.key'), key);
  writeFileSync(file('tls.crt'), cert);
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-grpc-doors-'));
  authority = makeAuthority();
  mock = await startMock();
  writePair();
  writeFileSync(file('ca.pem'), authority.ca);
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  const tls = { cert: `file:${file('tls.crt')}`, key: `file:${file('tls.key')}` };
  const beneath = { host: '127.0.0.1', grpc: true };
  const config = testConfig(mock, {
    server: {
      trustedProxies: ['127.0.0.1'],
      listeners: [
        { port: ports.tls, ...beneath, tls },
        { port: ports.mutual, ...beneath, tls: { ...tls, ca: `file:${file('ca.pem')}` } },
        { port: ports.proxied, ...beneath, proxyProtocol: true },
        { port: ports.proxiedTls, ...beneath, proxyProtocol: true, tls },
      ],
    },
    rest: {
      teams: { red: { models: ['oa/text:*'] } },
      auth: {
        mtls: [{ name: 'mesh', match: { san: 'spiffe://example.org/*' }, claims: { team: 'OU' } }],
        keys: [gateKey, { name: 'near', value: NEAR, ips: ['203.0.113.0/24'] }],
      },
    },
  });
  gateway = await startGateway({ config, workers: 1 });
});
afterEach(() => {
  for (const one of clients.splice(0)) one.close();
  for (const one of shims.splice(0)) one.close();
});
afterAll(async () => {
  await gateway?.stop(3_000);
  await mock?.close();
  authority?.remove();
  rmSync(folder, { recursive: true, force: true });
});

function client(port: number, ca?: string, own?: { cert: string; key: string }): GrpcChat {
  const one = new GrpcChat(port, ca, {}, own);
  clients.push(one);
  return one;
}

const code = async (one: GrpcChat, model: string, key: string | null): Promise<number> => {
  const messages = [{ role: Role.USER, text: 'hi' }];
  // Unary and stream end alike.
  const { status } = await one.complete({ model, messages }, metadataOf(key));
  expect((await one.stream({ model, messages }, metadataOf(key))).status.code).toBe(status.code);
  return status.code;
};

describe('client certificates', () => {
  it('a client without one is not let in where one is required', async () => {
    expect(await code(client(ports.mutual, authority.ca), 'oa/ok', gateKey)).toBe(Status.UNAVAILABLE);
    expect(await code(client(ports.mutual, authority.ca, authority.sign('app')), 'oa/ok', gateKey)).toBe(
      Status.OK,
    );
  });

  it('one stands for a key: what its team may, and nobody where no rule fits', async () => {
    const names = 'URI:spiffe://example.org/ns/prod/sa/app';
    const red = client(
      ports.mutual,
      authority.ca,
      authority.sign('app', { organizationalUnit: 'red', names }),
    );
    expect(await code(red, 'oa/text:3', null)).toBe(Status.OK);
    expect(await code(red, 'oa/ok', null)).toBe(Status.PERMISSION_DENIED);
    // A key that is known goes before.
    expect(await code(red, 'oa/ok', gateKey)).toBe(Status.OK);
    const nobody = client(ports.mutual, authority.ca, authority.sign('nobody'));
    expect(await code(nobody, 'oa/text:3', null)).toBe(Status.UNAUTHENTICATED);
  });
});

describe('a PROXY header', () => {
  /** A balancer that says for whom it connects. @returns its port */
  async function balancer(to: number, line: string | null): Promise<number> {
    const shim = createServer((socket) => {
      const there = netConnect(to, '127.0.0.1', () => {
        if (line !== null) there.write(line);
        socket.pipe(there).pipe(socket);
      });
      for (const [one, other] of [
        [socket, there],
        [there, socket],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    shims.push(shim);
    await new Promise<void>((resolve) => shim.listen(0, '127.0.0.1', resolve));
    return (shim.address() as AddressInfo).port; // of TCP
  }
  const from = (address: string): string => `PROXY TCP4 ${address} 192.0.2.1 4660 443\r\n`;

  it.each(['proxied', 'proxiedTls'] as const)('says whose call it is (%s)', async (door) => {
    const ca = door === 'proxiedTls' ? authority.ca : undefined;
    const asked = async (address: string): Promise<number> =>
      code(client(await balancer(ports[door], from(address)), ca), 'oa/ok', NEAR);
    expect(await asked('203.0.113.7')).toBe(Status.OK);
    expect(await asked('198.51.100.7')).toBe(Status.PERMISSION_DENIED);
  });

  it('without one nobody is let in', async () => {
    expect(await code(client(await balancer(ports.proxied, null)), 'oa/ok', gateKey)).toBe(
      Status.UNAVAILABLE,
    );
  });
});

it('a certificate that changes is shown to new connections, and calls on old ones go on', async () => {
  const serial = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { port: ports.tls, host: 'localhost', ca: authority.ca, ALPNProtocols: ['h2'] };
      const socket = tlsConnect(options, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const old = client(ports.tls, authority.ca);
  expect(await code(old, 'oa/ok', gateKey)).toBe(Status.OK);
  const before = await serial();
  writePair();
  gateway.kill('SIGHUP');
  await expect.poll(serial, { timeout: 20_000 }).not.toBe(before);
  expect(await code(old, 'oa/ok', gateKey)).toBe(Status.OK);
  expect(await code(client(ports.tls, authority.ca), 'oa/ok', gateKey)).toBe(Status.OK);
});
