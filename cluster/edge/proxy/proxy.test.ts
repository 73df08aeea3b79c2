// The proxy between a client and vendors, over real connections: the authority's certificates are those that the gatehouse makes.
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, request as httpRequest, type Server } from 'node:http';
import { createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authorityCertificate, serverCertificate } from '../../../gatehouse/edge/certificates.ts';
import type { EdgeEvent, EdgeHost, EdgeOrders } from '../../../src/contracts/edge.ts';
import { GateRefusal } from '../centre/gate-api.ts';
import type { BlockedServer } from '../guard/guard.ts';
import { appKey } from '../guard/local-keys.ts';
import { createEdgeAgent } from '../passage/agent.ts';
import { createLeaves } from './leaves.ts';
import { createEdgeProxy } from './proxy.ts';

const LOCAL_KEY = 'hgl-the-key-of-this-machine-0123456789';
const HOST = 'api.vendor.example';
const validity = { from: Date.now() - 60_000, until: Date.now() + 7_200_000 };
const issuer = (name: string): { name: string; privateKey: KeyObject } => ({
  name,
  privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
});
const edgeIssuer = issuer('edge');
const vendorIssuer = issuer('public');
const edgeCa = authorityCertificate(edgeIssuer, validity);
const vendorCa = authorityCertificate(vendorIssuer, validity);

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port; // it listens on a port
}

function noting(seen: Seen[], name: string) {
  return createServer().on('request', (incoming, response) => {
    let body = '';
    incoming.on('data', (piece) => (body += String(piece)));
    incoming.on('end', () => {
      seen.push({ url: incoming.url ?? '', headers: incoming.headers, body });
      response.end(`${name} says ${body}`);
    });
  });
}

interface World {
  readonly port: number;
  readonly atGate: Seen[];
  readonly atVendor: Seen[];
  readonly events: EdgeEvent[];
  readonly signed: string[];
  orders: EdgeOrders;
  blocked: BlockedServer[];
  gateRefuses: boolean;
}
let world: World;

beforeEach(async () => {
  closing = [];
  const atGate: Seen[] = [];
  const atVendor: Seen[] = [];
  const gatePort = await listening(noting(atGate, 'gate'));
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const vendor = createTlsServer({
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: serverCertificate(vendorIssuer, HOST, pair.publicKey, validity),
  });
  vendor.on('request', noting(atVendor, 'vendor').listeners('request')[0] as never); // the same listener over TLS
  const vendorPort = await listening(vendor);
  const events: EdgeEvent[] = [];
  const signed: string[] = [];
  world = {
    port: 0,
    atGate,
    atVendor,
    events,
    signed,
    orders: orders([{ host: HOST, routes: [{ path: '/v1/', to: '/gate/v1/' }], other: 'pass' }]),
    blocked: [],
    gateRefuses: false,
  };
  const watched = {
    orders: () => world.orders,
    blocked: () => world.blocked,
    record: (event: EdgeEvent) => void events.push(event),
    now: Date.now,
  };
  const agent = createEdgeAgent({
    gate: `http://127.0.0.1:${gatePort}`,
    fallback: null,
    key: 'hg-device',
    localKey: LOCAL_KEY,
    tls: {},
    ...watched,
  });
  const api = {
    async certificate(host: string, publicKey: string) {
      if (world.gateRefuses) throw new GateRefusal(403, 'not_intercepted', 'no');
      signed.push(host);
      const certificate = serverCertificate(edgeIssuer, host, createPublicKey(publicKey), validity);
      return { certificate, notAfter: new Date(validity.until).toISOString() };
    },
  };
  const proxy = createEdgeProxy({
    agent,
    leaves: createLeaves(api, Date.now),
    localKey: LOCAL_KEY,
    addressOf: () => ({ host: '127.0.0.1', port: vendorPort }),
    vendorTls: { ca: vendorCa },
    ...watched,
  });
  Object.assign(world, { port: await listening(proxy) });
});

function orders(hosts: EdgeHost[], enabled = true): EdgeOrders {
  return {
    device: { id: 'dev_1', name: 'laptop', state: 'approved' },
    decision: 'allow',
    verdicts: [],
    policy: {
      pendingDevices: 'allow',
      pendingApps: 'allow',
      pendingServers: 'allow',
      refreshSeconds: 60,
      fallback: true,
      intercept: { enabled, hosts },
    },
  };
}

/** CONNECT as clients do it. */
function through(target: string, key = LOCAL_KEY): Promise<{ status: number; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({
      port: world.port,
      host: '127.0.0.1',
      method: 'CONNECT',
      path: target,
      headers:
        key === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`edge:${key}`).toString('base64')}` },
    });
    asked.once('connect', (answer, socket) => {
      closing.push(() => socket.destroy());
      resolve({ status: answer.statusCode ?? 0, socket: socket as Socket });
    });
    asked.once('error', reject);
    asked.end();
  });
}

interface Ask {
  readonly ca?: string;
  readonly path?: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function ask({
  ca = edgeCa,
  path = '/v1/messages',
  key,
  headers = {},
  body = '{"model":"m"}',
}: Ask = {}): Promise<{ status: number; text: string }> {
  const { socket } = await through(`${HOST}:443`, key);
  return new Promise((resolve, reject) => {
    const asked = httpsRequest({
      createConnection: () => tlsConnect({ socket, servername: HOST, ca }),
      host: HOST,
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    asked.once('error', (error) => {
      // As whole clients do.
      socket.destroy();
      reject(error);
    });
    asked.once('response', (answer) => {
      let text = '';
      answer.on('data', (piece) => (text += String(piece)));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.end(body);
  });
}

describe('a host that the policy names', () => {
  it('is opened: what is the gate’s goes there with both credentials, all else to the vendor as it came', async () => {
    const headers = { authorization: 'Bearer sk-ant-oat-mine', 'user-agent': 'claude-cli/2' };
    expect(await ask({ headers, path: '/v1/messages?beta=true' })).toEqual({
      status: 200,
      text: 'gate says {"model":"m"}',
    });
    expect(world.atGate[0]).toMatchObject({
      url: '/gate/v1/messages?beta=true',
      headers: { authorization: 'Bearer sk-ant-oat-mine', 'x-headgate-key': 'hg-device' },
    });
    expect((await ask({ headers, path: '/api/oauth/profile' })).text).toBe('vendor says {"model":"m"}');
    expect(world.atVendor[0]).toMatchObject({
      url: '/api/oauth/profile',
      headers: { host: HOST, authorization: 'Bearer sk-ant-oat-mine' },
    });
    expect(JSON.stringify(world.atVendor)).not.toMatch(/hg-device|hgl-/);
    // One certificate for all of them.
    expect(world.signed).toEqual([HOST]);
  });

  it('may be open for model calls alone', async () => {
    world.orders = orders([{ host: HOST, routes: [{ path: '/v1/', to: '/v1/' }], other: 'block' }]);
    const { status, text } = await ask({ path: '/upload' });
    expect([status, JSON.parse(text).error.message]).toEqual([403, expect.stringContaining(HOST) as string]);
    expect(world.events).toMatchObject([{ outcome: 'blocked', reason: `host:${HOST}`, path: '/upload' }]);
    expect(world.atVendor).toEqual([]);
  });

  it('is guarded: the app by its key, tools by their server', async () => {
    const denied = (type: 'app' | 'server', target: string) =>
      ({ type, target, state: 'denied', decision: 'block', note: '' }) as const;
    world.orders = { ...world.orders, verdicts: [denied('app', 'cursor'), denied('server', 'npx gh')] };
    world.blocked = [{ verdict: denied('server', 'npx gh'), names: ['gh'] }];
    expect((await ask({ key: appKey(LOCAL_KEY, 'cursor') })).status).toBe(403);
    expect((await ask({ body: '{"tools":[{"name":"mcp__gh__x"}]}' })).status).toBe(403);
    expect((await ask()).status).toBe(200);
    expect(world.events.map(({ app, reason }) => [app, reason])).toEqual([
      ['cursor', 'app:cursor'],
      ['', 'server:gh'],
    ]);
  });

  it('an app that trusts none but its own is told of and left alone', async () => {
    for (let times = 0; times < 2; times++) await expect(ask({ ca: vendorCa })).rejects.toThrow();
    await expect.poll(() => world.events.map(({ reason }) => reason)).toEqual([`pinned:${HOST}`]);
    expect((await ask({ ca: vendorCa })).text).toBe('vendor says {"model":"m"}');
    // Others are opened all the same.
    expect((await ask({ key: appKey(LOCAL_KEY, 'claude') })).text).toContain('gate says');
  });

  it('is shut where the gate gives no certificate', async () => {
    world.gateRefuses = true;
    expect((await through(`${HOST}:443`)).status).toBe(502);
    expect(world.events).toMatchObject([{ outcome: 'failed', status: 502 }]);
    world.gateRefuses = false;
    expect((await ask()).status).toBe(200);
  });
});

describe('any other host', () => {
  it.each<[string, EdgeOrders]>([
    ['that is not named', orders([])],
    ['where nothing is opened', orders([{ host: HOST, routes: [], other: 'block' }], false)],
  ])('%s is handed through unread', async (_words, said) => {
    world.orders = said;
    expect((await ask({ ca: vendorCa })).text).toBe('vendor says {"model":"m"}');
    expect([world.signed, world.events]).toEqual([[], []]);
  });

  it('of an MCP server that is denied is refused', async () => {
    const verdict = {
      type: 'server',
      target: `https://${HOST}/mcp`,
      state: 'denied',
      decision: 'block',
      note: '',
    } as const;
    world.blocked = [{ verdict, names: ['tools'] }];
    expect((await through(`${HOST}:443`)).status).toBe(403);
    expect(world.events).toMatchObject([{ outcome: 'blocked', reason: 'server:tools', method: 'CONNECT' }]);
  });
});

it('is nobody’s proxy without the key of the machine, and none for plain HTTP', async () => {
  expect((await through(`${HOST}:443`, '')).status).toBe(407);
  expect((await through(`${HOST}:443`, 'wrong')).status).toBe(407);
  expect((await through('nowhere')).status).toBe(400);
  const answer = await fetch(`http://127.0.0.1:${world.port}/x`);
  expect([answer.status, (await answer.json()).error.message]).toEqual([
    400,
    expect.stringContaining('HTTPS_PROXY') as string,
  ]);
});
