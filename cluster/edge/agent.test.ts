import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../tests/kit/certificates.ts';
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
  const server = createEdgeAgent({
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
