import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../../tests/kit/certificates.ts';
import type { EdgeEvent, EdgeOrders, EdgeVerdict } from '../../../src/contracts/edge.ts';
import { appKey } from '../guard/local-keys.ts';
import { createEdgeAgent, type EdgeAgentOptions } from './agent.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port; // it listens on a port
}

interface Seen {
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
  readonly body: string;
}

async function gate(seen: Seen[], name = 'centre'): Promise<string> {
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (piece) => (body += String(piece)));
    incoming.on('end', () => {
      seen.push({ headers: incoming.headers, url: incoming.url ?? '', body });
      response.setHeader('x-gate', name);
      response.end(`${name}:${body}`);
    });
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

async function edge(options: Partial<EdgeAgentOptions> & { gate: string }): Promise<string> {
  const { server } = createEdgeAgent({
    fallback: null,
    key: 'hg-device',
    localKey: 'local-key',
    tls: {},
    ...options,
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

const post = (url: string, headers: Record<string, string>, body = '{"a":1}'): Promise<Response> =>
  fetch(`${url}/v1/messages?beta=true`, { method: 'POST', headers, body });

describe('the edge', () => {
  it('hands a request on as it came, with the device’s key for the machine’s', async () => {
    const seen: Seen[] = [];
    const answer = await post(await edge({ gate: await gate(seen) }), {
      authorization: 'Bearer local-key',
      'anthropic-beta': 'x',
    });
    expect([answer.status, await answer.text(), answer.headers.get('x-gate')]).toEqual([
      200,
      'centre:{"a":1}',
      'centre',
    ]);
    expect(seen[0]).toMatchObject({
      url: '/v1/messages?beta=true',
      headers: { 'x-headgate-key': 'hg-device', 'anthropic-beta': 'x' },
    });
    expect(JSON.stringify(seen)).not.toContain('local-key');
    expect(seen[0]!.headers).not.toHaveProperty('authorization');
  });

  it('keeps an agent’s own credential beside the device’s key', async () => {
    const seen: Seen[] = [];
    await post(await edge({ gate: await gate(seen) }), {
      'x-headgate-key': 'local-key',
      authorization: 'Bearer sk-ant-oat-1',
    });
    expect(seen[0]!.headers).toMatchObject({
      'x-headgate-key': 'hg-device',
      authorization: 'Bearer sk-ant-oat-1',
    });
  });

  it('takes the device’s key to the gate and nowhere else, whatever the path looks like', async () => {
    const [seen, stray]: [Seen[], Seen[]] = [[], []];
    const url = await edge({ gate: await gate(seen) });
    const elsewhere = await gate(stray, 'elsewhere');
    for (const path of [`${elsewhere.slice('http:'.length)}/x`, `${elsewhere}/x`])
      await new Promise<void>((resolve, reject) => {
        const asked = request(url, { path, headers: { 'x-api-key': 'local-key' } }, (answer) => {
          answer.resume();
          answer.once('end', resolve);
        });
        asked.once('error', reject);
        asked.end();
      });
    expect([seen.length, stray]).toEqual([2, []]);
  });

  it('answers nobody without the machine’s key, and no page of a browser', async () => {
    const seen: Seen[] = [];
    const url = await edge({ gate: await gate(seen) });
    expect((await post(url, {})).status).toBe(401);
    expect((await post(url, { authorization: 'Bearer other' })).status).toBe(401);
    expect(
      (await post(url, { authorization: 'Bearer local-key', origin: 'https://evil.example' })).status,
    ).toBe(403);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(
        url,
        { headers: { host: 'evil.example', 'x-api-key': 'local-key' } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asked.once('error', reject);
      asked.end();
    });
    expect(rebound).toBe(403);
    expect(seen).toEqual([]);
  });

  it('asks the gate on this machine where the centre cannot be connected to, with the whole request', async () => {
    const seen: Seen[] = [];
    const dead = await gate([]);
    const dying = servers.pop()!;
    dying.close();
    const url = await edge({ gate: dead, fallback: await gate(seen, 'here') });
    const answer = await post(url, { 'x-api-key': 'local-key' }, 'x'.repeat(300_000));
    expect([answer.status, answer.headers.get('x-gate')]).toEqual([200, 'here']);
    expect(seen[0]!.body).toHaveLength(300_000);
    const alone = await post(await edge({ gate: dead }), { 'x-api-key': 'local-key' });
    expect([alone.status, ((await alone.json()) as { error: { message: string } }).error.message]).toEqual([
      503,
      'The gate cannot be reached (ECONNREFUSED).',
    ]);
  });
});

describe('what the centre has denied', () => {
  const verdict = (type: 'app' | 'server', target: string): EdgeVerdict => ({
    type,
    target,
    state: 'denied',
    decision: 'block',
    note: '',
  });
  const orders: EdgeOrders = {
    device: { id: 'dev_1', name: 'laptop', state: 'approved' },
    decision: 'allow',
    verdicts: [verdict('app', 'codex'), verdict('server', 'npx gh')],
    policy: {
      pendingDevices: 'allow',
      pendingApps: 'allow',
      pendingServers: 'allow',
      refreshSeconds: 60,
      fallback: false,
      intercept: { enabled: false, hosts: [] },
    },
  };
  const tools = '{"model":"m","tools":[{"name":"mcp__gh__search"}]}';

  async function guarded(more: Partial<EdgeAgentOptions> = {}) {
    const seen: Seen[] = [];
    const events: EdgeEvent[] = [];
    const url = await edge({
      gate: await gate(seen),
      orders: () => orders,
      blocked: () => [{ verdict: orders.verdicts[1]!, names: ['gh'] }],
      record: (event) => void events.push(event),
      ...more,
    });
    return { url, seen, events };
  }

  it('never leaves the machine, is said clearly, and remembered', async () => {
    const { url, seen, events } = await guarded();
    const app = await post(url, { authorization: `Bearer ${appKey('local-key', 'codex')}` });
    expect([app.status, app.headers.get('x-should-retry')]).toEqual([403, 'false']);
    const body = (await app.json()) as { error: { message: string }; request_id: string };
    expect(body.error.message).toContain('codex is denied');
    const server = await post(url, { 'x-api-key': 'local-key', 'user-agent': 'claude-cli/2' }, tools);
    expect([server.status, ((await server.json()) as typeof body).error.message]).toEqual([
      403,
      expect.stringContaining('gh (npx gh) is denied') as string,
    ]);
    expect(seen).toEqual([]);
    expect(events).toMatchObject([
      { id: body.request_id, outcome: 'blocked', app: 'codex', reason: 'app:codex', status: 403 },
      { outcome: 'blocked', app: 'claude', reason: 'server:gh', model: 'm', path: '/v1/messages' },
    ]);
  });

  it('is found in a body that is packed, and one that cannot be unpacked does not pass', async () => {
    const { url, seen } = await guarded();
    const send = (bytes: Uint8Array<ArrayBuffer>, coding: string) =>
      fetch(`${url}/v1/responses`, {
        method: 'POST',
        headers: { 'x-api-key': 'local-key', 'content-encoding': coding },
        body: bytes,
      });
    expect((await send(Uint8Array.from(gzipSync(tools)), 'gzip')).status).toBe(403);
    expect((await send(Uint8Array.from(zstdCompressSync(tools)), 'zstd')).status).toBe(403);
    expect((await send(Uint8Array.from(gzipSync(tools)).slice(0, 20), 'gzip')).status).toBe(400);
    expect((await send(Uint8Array.from(Buffer.from(tools)), 'unheard-of')).status).toBe(400);
    expect(seen).toEqual([]);
    const packed = gzipSync('{"tools":[{"name":"mcp__other__x"}]}');
    expect((await send(Uint8Array.from(packed), 'gzip')).status).toBe(200);
    // As it came, packed.
    expect(seen[0]!.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-length': String(packed.length),
    });
  });

  it('goes on where nothing of it is asked, byte for byte', async () => {
    const { url, seen, events } = await guarded();
    const text = `{"tools":[{"name":"Read"}],"pad":"${'x'.repeat(200_000)}"}`;
    expect((await post(url, { 'x-api-key': 'local-key' }, text)).status).toBe(200);
    expect([seen[0]!.body === text, events]).toEqual([true, []]);
  });

  it('says whether a gate on this machine may be asked, and what was asked there is remembered', async () => {
    const dead = await gate([]);
    servers.pop()!.close();
    const fallback = await gate([], 'here');
    const no = await guarded({ gate: dead, fallback });
    expect((await post(no.url, { 'x-api-key': 'local-key' })).status).toBe(503);
    expect(no.events).toMatchObject([{ outcome: 'failed', status: 503, reason: 'ECONNREFUSED' }]);
    const may = { ...orders, policy: { ...orders.policy, fallback: true } };
    const yes = await guarded({ gate: dead, fallback, orders: () => may });
    expect(await (await post(yes.url, { 'x-api-key': 'local-key' })).text()).toBe('here:{"a":1}');
    await expect
      .poll(() => yes.events)
      .toMatchObject([{ outcome: 'fallback', status: 200, bytesIn: 7, bytesOut: 12 }]);
  });
});

it('knows the gate by its authority and shows its own certificate', async () => {
  const authority = makeAuthority();
  const [own, device] = [authority.sign('gate'), authority.sign('laptop')];
  authority.remove();
  const server = createTlsServer(
    { cert: own.cert, key: own.key, ca: authority.ca, requestCert: true, rejectUnauthorized: true },
    (incoming, response) => response.end(`hello ${String(incoming.headers['x-headgate-key'])}`),
  );
  const centre = `https://127.0.0.1:${await listening(server)}`;
  const headers = { authorization: 'Bearer local-key' };
  const known = await edge({ gate: centre, tls: { ca: authority.ca, ...device } });
  expect(await (await post(known, headers)).text()).toBe('hello hg-device');
  expect((await post(await edge({ gate: centre, tls: { ca: authority.ca } }), headers)).status).toBe(502);
  expect((await post(await edge({ gate: centre, tls: device }), headers)).status).toBe(502);
});
