// A machine at the edge of a real gateway: enrolled by a login elsewhere, told what it may, with two credentials on one request, and as a proxy
// for programs that know no other address than the vendor's.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EdgeOrders } from '../../src/contracts/edge.ts';
import { type AdminClient, adminOpen, openAdmin } from '../kit/admin.ts';
import { makeAuthority } from '../kit/certificates.ts';
import { type GatewayOptions, type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { type CommandRun, headgate } from '../kit/headgate-command.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { type ForgingProvider, startForgingProvider } from '../kit/openid-provider.ts';
import { freePort } from '../kit/port.ts';
import { waitUntil } from '../kit/wait.ts';

const PLAN = 'sk-ant-oat01-the-persons-own-plan-0123456789';
let [folder, home] = ['', ''];
let securePort = 0;
let provider: ForgingProvider;
let mock: MockUpstream;
let centre: GatewayOptions;
let gateway: GatewayProcess;
let admin: AdminClient;
let edge: CommandRun;
let [url, proxy] = ['', ''];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-fleet-'));
  home = path.join(folder, 'home');
  mkdirSync(path.join(home, '.claude'), { recursive: true });
  const servers = {
    tickets: { command: 'npx', args: ['-y', '@example/tickets', '--token', 'secret-of-tickets'] },
  };
  writeFileSync(path.join(home, '.claude.json'), JSON.stringify({ mcpServers: servers }));
  provider = await startForgingProvider('machines');
  mock = await startMock();
  const authority = makeAuthority();
  const [server, machine] = [authority.sign('gate'), authority.sign('build farm')];
  authority.remove();
  for (const [name, text] of Object.entries({ ca: authority.ca, cert: machine.cert, key: machine.key }))
    writeFileSync(path.join(folder, `${name}.pem`), text);
  securePort = await freePort();
  const plan = { dialect: 'anthropic', baseUrl: mock.anthropicUrl, passthrough: true, models: ['*'] };
  centre = {
    admin: true,
    // So that it can be ended and come back.
    env: { HEADGATE_DATA_DIR: path.join(folder, 'data'), HEADGATE_PORT: String(await freePort()) },
    config: {
      providers: { plan },
      models: { ok: { targets: ['plan/ok'] } },
      auth: { keys: ['a-key-of-nobody-at-the-edge'] },
      server: {
        listeners: [
          {
            host: '127.0.0.1',
            port: securePort,
            tls: { cert: server.cert, key: server.key, ca: authority.ca, client: 'request' },
          },
        ],
      },
      admin: { edge: { issuer: provider.issuer, clientId: 'machines', certificates: true } },
    },
  };
  gateway = await startGateway(centre);
  admin = await openAdmin(gateway);
});
afterAll(async () => {
  if (edge !== undefined) {
    process.kill(edge.pid, 'SIGTERM');
    expect((await edge.ended).code).toBe(0);
  }
  await gateway?.stop();
  await mock?.close();
  await provider?.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): CommandRun => headgate(['edge', ...args], folder, { HOME: home, PATH: '' });
const inEdge = (name: string): string => path.join(home, '.headgate/edge', name);
const localKey = (): string => readFileSync(inEdge('local-key'), 'utf8');
/** Until `is` holds, of which the edge is told, or tells the centre, when it asks. */
const heard = (is: () => boolean | Promise<boolean>, what: string): Promise<boolean> =>
  waitUntil(
    () => {
      process.kill(edge.pid, 'SIGHUP');
      return is();
    },
    what,
    20_000,
    250,
  );
/** Until the edge has orders that say so: it may have asked for some before. */
const told = (says: (orders: EdgeOrders) => boolean): Promise<boolean> =>
  heard(
    () => says(JSON.parse(readFileSync(inEdge('orders.json'), 'utf8')) as EdgeOrders),
    'orders of the centre',
  );

/** A call of Claude Code with a tool. */
const ask = (tool: string): Promise<Response> =>
  fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: {
      'x-headgate-key': localKey(),
      authorization: `Bearer ${PLAN}`,
      'content-type': 'application/json',
      'user-agent': 'claude-cli/2.1 (external)',
    },
    body: JSON.stringify({
      model: 'ok',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ name: tool, input_schema: { type: 'object' } }],
    }),
  });

it('enrols by a login that its person makes elsewhere, and finds its way back', async () => {
  provider.token = () => ({ claims: { sub: 'ada', email: 'ada@example.com', email_verified: true } });
  const enrol = run('enrol', '--gate', gateway.url, '--name', 'ada laptop');
  await waitUntil(() => enrol.out().includes('BDWP-HQPK'), 'the code', 30_000);
  provider.device = null;
  const { code, out } = await enrol.ended;
  expect([code, out]).toEqual([0, expect.stringContaining('ada-laptop') as string]);
  const identity = JSON.parse(readFileSync(inEdge('device.json'), 'utf8')) as { key: string };
  expect(out).not.toContain(identity.key);
  expect(statSync(inEdge('device.json')).mode & 0o777).toBe(0o600);
  const { body } = await admin.get('/api/edge/devices/ada-laptop');
  expect(body).toMatchObject({ state: 'pending', decision: 'allow', person: 'ada@example.com' });
  expect((await admin.post('/api/edge/authority', { name: 'Ours' })).status).toBe(201);
  const { body: policy } = await admin.get('/api/edge/policy');
  const { version: _version, ...rest } = policy;
  const hosts = [{ host: 'api.anthropic.com' }];
  await admin.call('PUT', '/api/edge/policy', { ...rest, intercept: { enabled: true, hosts } });
  const trust = await run('trust').ended;
  expect([trust.code, trust.out]).toEqual([0, expect.stringContaining('SHA-256') as string]);
  edge = run('start', '--port', '0', '--proxy-port', '0');
  await waitUntil(() => edge.out().includes('HTTPS_PROXY'), 'the edge', 30_000);
  url = /edge: (http:\S+)/.exec(edge.out())![1]!;
  proxy = /edge: proxy (\S+)/.exec(edge.out())![1]!;
  expect(edge.out()).not.toContain(identity.key);
});

it('hands the plan of the person on beside the gate’s key, and the gate logs and counts the call', async () => {
  mock.clear();
  const client = new Anthropic({
    baseURL: url,
    apiKey: null,
    authToken: PLAN,
    maxRetries: 0,
    defaultHeaders: { 'x-headgate-key': localKey() },
  });
  const message = await client.messages.create({
    model: 'ok',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
  });
  expect(message.type).toBe('message');
  const { headers } = mock.lastRequest();
  expect(headers['authorization']).toBe(`Bearer ${PLAN}`);
  expect(JSON.stringify(headers)).not.toMatch(/hg-|hgl-|x-headgate-key/);
  const { body: device } = await admin.get('/api/edge/devices/ada-laptop');
  const { body: key } = await admin.get(`/api/keys/${device.key}`);
  const rows = async () =>
    (await admin.get(`/api/logs?facets=false&key=${encodeURIComponent(key.name)}`)).body.rows;
  await waitUntil(async () => (await rows()).length > 0, 'a row of the log', 20_000);
  expect((await rows())[0]).toMatchObject({ provider: 'plan', outcome: 'ok', model: 'ok' });
  expect((await rows())[0].outputTokens).toBeGreaterThan(0);
});

it('uses no MCP server that is denied, and the centre hears who tried', async () => {
  const { body: catalog } = await admin.get('/api/edge/catalog');
  expect(catalog.items).toMatchObject([
    { type: 'app', target: 'claude' },
    { type: 'server', target: 'npx -y @example/tickets --token ***', names: ['tickets'], state: 'pending' },
  ]);
  expect(
    (await admin.patch(`/api/edge/catalog/${catalog.items[1].id}`, { state: 'denied', note: 'not ours' }))
      .status,
  ).toBe(200);
  await told(({ verdicts }) => verdicts.some(({ decision }) => decision === 'block'));
  const refused = await ask('mcp__tickets__list');
  expect([refused.status, (await refused.json()).error.message]).toEqual([
    403,
    expect.stringMatching(/tickets .*denied.*not ours/) as string,
  ]);
  expect((await ask('Read')).status).toBe(200);
  const events = async () => (await admin.get('/api/edge/events')).body.items;
  await heard(async () => (await events()).length > 0, 'the event');
  expect(await events()).toMatchObject([
    { outcome: 'blocked', app: 'claude', reason: 'server:tickets', model: 'ok', status: 403 },
  ]);
  const status = await run('status').ended;
  expect(status.out).toContain('ada-laptop at');
  expect(status.out).toContain('npx -y @example/tickets');
});

it('opens what the policy names, for a program that knows the vendor’s address alone', async () => {
  mock.clear();
  const body = JSON.stringify({ model: 'ok', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] });
  const curl = spawn('curl', [
    ...['-sS', '--max-time', '30', '--cacert', inEdge('authority.pem')],
    ...['--proxy', `http://edge:${localKey()}@${proxy}`, '-H', `authorization: Bearer ${PLAN}`],
    ...['-H', 'content-type: application/json', '-H', 'anthropic-version: 2023-06-01', '-d', body],
    'https://api.anthropic.com/v1/messages',
  ]);
  let [out, err] = ['', ''];
  curl.stdout.on('data', (piece) => (out += String(piece)));
  curl.stderr.on('data', (piece) => (err += String(piece)));
  await new Promise((resolve) => curl.once('close', resolve));
  expect(err).toBe('');
  expect(JSON.parse(out)).toMatchObject({ type: 'message' });
  expect(mock.lastRequest().headers['authorization']).toBe(`Bearer ${PLAN}`);
});

it('goes on denying while the centre is away, and tells it of that once it is back', async () => {
  const eventsOf = async () => (await admin.get('/api/edge/events')).body.items as { status: number }[];
  const before = (await eventsOf()).length;
  expect((await gateway.stop()).code).toBe(0);
  expect((await ask('mcp__tickets__list')).status).toBe(403);
  const lost = await ask('Read');
  expect([lost.status, (await lost.json()).type]).toEqual([503, 'error']);
  gateway = await startGateway(centre);
  await adminOpen(gateway);
  expect((await ask('Read')).status).toBe(200);
  await heard(async () => (await eventsOf()).length === before + 2, 'what happened meanwhile');
  expect((await eventsOf()).map(({ status }) => status).sort()).toEqual(expect.arrayContaining([403, 503]));
});

it('another machine enrols by its certificate, without a login, and calls over the listener that asked for it', async () => {
  const other = path.join(folder, 'farm');
  const file = (name: string): string => path.join(folder, `${name}.pem`);
  const gate = `https://127.0.0.1:${securePort}`;
  const tls = ['--ca', file('ca'), '--cert', file('cert'), '--cert-key', file('key')];
  const { code, out, err } = await headgate(
    ['edge', 'enrol', '--gate', gate, '--name', 'farm-1', ...tls],
    folder,
    { HOME: other },
  ).ended;
  expect([code, err, out]).toEqual([0, '', expect.stringContaining('farm-1') as string]);
  expect((await admin.get('/api/edge/devices/farm-1')).body).toMatchObject({
    person: 'build farm',
    subject: expect.stringMatching(/^certificate:[0-9a-f]{64}$/) as string,
  });
  expect((await headgate(['edge', 'status'], folder, { HOME: other }).ended).out).toMatch(
    /farm-1 at https:.* pending/,
  );
});

it('calls nothing more once it is denied, or taken away', async () => {
  const ask = async (): Promise<[number, string]> => {
    const answer = await fetch(`${url}/v1/models`, { headers: { 'x-headgate-key': localKey() } });
    return [answer.status, await answer.text()];
  };
  expect((await ask())[0]).toBe(200);
  await admin.patch('/api/edge/devices/ada-laptop', { state: 'denied' });
  // The gate refuses by itself, before the machine has heard of it.
  await waitUntil(async () => (await ask())[0] === 401, 'a key that is blocked', 20_000);
  await told(({ device }) => device.state === 'denied');
  expect(await ask()).toEqual([403, expect.stringContaining('denied') as string]);
  const { status } = await admin.delete('/api/edge/devices/ada-laptop');
  expect(status).toBe(204);
  expect((await run('status').ended).out).toMatch(/ada-laptop at .*not known/);
});
