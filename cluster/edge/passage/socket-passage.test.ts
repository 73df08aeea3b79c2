// Sockets through the edge, with the package `ws` at both ends.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { waitUntil } from '../../../tests/kit/wait.ts';
import type { EdgeEvent, EdgeOrders } from '../../../src/contracts/edge.ts';
import { createEdgeAgent, type EdgeAgentOptions } from './agent.ts';

const servers: Server[] = [];
const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
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

/** A gate that says each frame again, and refuses the path `/refused`. */
async function gate(name = 'centre') {
  const heard: string[] = [];
  const heads: IncomingMessage['headers'][] = [];
  const ends: number[] = [];
  const doors = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
  doors.on('headers', (lines) => lines.push(`x-gate: ${name}`));
  const server = createServer();
  server.on('upgrade', (incoming, socket, head) => {
    heads.push(incoming.headers);
    if (incoming.url === '/refused') {
      socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-type: application/json\r\n\r\n{"no":1}');
      return;
    }
    doors.handleUpgrade(incoming, socket, head, (ws) => {
      open.push(ws);
      ws.on('message', (data, binary) => {
        heard.push(binary ? 'bytes' : String(data));
        ws.send(data, { binary });
      });
      ws.on('close', (code) => ends.push(code));
    });
  });
  return { url: `http://127.0.0.1:${await listening(server)}`, heard, heads, ends, server };
}

const verdict = { type: 'server', target: 'npx gh', state: 'denied', decision: 'block', note: '' } as const;
const orders: EdgeOrders = {
  device: { id: 'dev_1', name: 'laptop', state: 'approved' },
  decision: 'allow',
  verdicts: [],
  policy: {
    pendingDevices: 'allow',
    pendingApps: 'allow',
    pendingServers: 'allow',
    refreshSeconds: 60,
    fallback: false,
    intercept: { enabled: false, hosts: [] },
  },
};

async function edge(options: Partial<EdgeAgentOptions> & { gate: string }) {
  const events: EdgeEvent[] = [];
  const record = (event: EdgeEvent): void => void events.push(event);
  const common = { fallback: null, key: 'hg-device', localKey: 'local-key', tls: {}, record };
  const { server } = createEdgeAgent({ ...common, orders: () => orders, ...options });
  return { at: `ws://127.0.0.1:${await listening(server)}`, events };
}

async function connect(url: string, protocols: string[] = []) {
  const socket = new WebSocket(url, protocols, { headers: { 'x-api-key': 'local-key' } });
  open.push(socket);
  const frames: string[] = [];
  const ends: number[] = [];
  let head: IncomingMessage['headers'] = {};
  socket.on('upgrade', (answer) => (head = answer.headers));
  socket.on('message', (data, binary) => frames.push(binary ? 'bytes' : String(data)));
  socket.on('close', (code) => ends.push(code));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { socket, frames, ends, head };
}

function refused(url: string): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(url, { headers: { 'x-api-key': 'local-key' } });
  open.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_request, answer) => {
      let body = '';
      answer.on('data', (piece) => (body += String(piece)));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    socket.once('open', () => reject(new Error('a socket was opened')));
    socket.on('error', () => undefined);
  });
}

it('hands frames on both ways as they came, with the handshake of the gate', async () => {
  const centre = await gate();
  const { at } = await edge({ gate: centre.url });
  const { socket, frames, head } = await connect(`${at}/v1/realtime?model=m`, ['realtime', 'other']);
  expect([socket.protocol, head['x-gate']]).toEqual(['realtime', 'centre']);
  expect(centre.heads[0]).toMatchObject({ 'x-headgate-key': 'hg-device' });
  expect(JSON.stringify(centre.heads)).not.toContain('local-key');
  const big = 'x'.repeat(3_000_000);
  socket.send('one');
  socket.send(Buffer.from([1, 2, 3]));
  socket.send(big);
  await waitUntil(() => frames.length === 3, 'the frames to come back');
  expect(frames).toEqual(['one', 'bytes', big]);
  socket.close(4001, 'enough');
  await waitUntil(() => centre.ends.length === 1, 'the gate to hear of it');
  expect(centre.ends).toEqual([4001]);
});

it('says how a client broke off, and how the gate went', async () => {
  const centre = await gate();
  const { at } = await edge({ gate: centre.url });
  (await connect(`${at}/v1/responses`)).socket.terminate();
  await waitUntil(() => centre.ends.length === 1, 'the gate to hear of it');
  expect(centre.ends).toEqual([1006]);
  const second = await connect(`${at}/v1/responses`);
  for (const socket of open) if (socket !== second.socket) socket.close(1001);
  await waitUntil(() => second.ends.length === 1, 'the client to hear of it');
  expect(second.ends).toEqual([1001]);
});

it('breaks off, and says nothing that is no frame, where the gate sends what is none', async () => {
  const centre = await gate();
  const { at, events } = await edge({ gate: centre.url });
  const { socket, ends } = await connect(`${at}/v1/responses`);
  const faults: string[] = [];
  socket.on('error', (error) => faults.push(error.message));
  const [there] = open.filter((one) => one !== socket);
  // A text frame that is no UTF-8.
  (there as unknown as { _socket: Socket })._socket.write(Buffer.from([0x81, 1, 0xff]));
  await waitUntil(() => ends.length === 1, 'the client to hear of it');
  expect([ends, faults, events]).toEqual([[1006], [], []]);
});

it('says why the gate opens none, in the gate’s words', async () => {
  const { at, events } = await edge({ gate: (await gate()).url });
  expect(await refused(`${at}/refused`)).toEqual({ status: 426, body: '{"no":1}' });
  expect(events).toEqual([]);
});

it('opens sockets while a server is denied, and refuses what offers its tools frame by frame', async () => {
  const centre = await gate();
  const { at, events } = await edge({ gate: centre.url, blocked: () => [{ verdict, names: ['gh'] }] });
  const { socket, frames } = await connect(`${at}/v1/responses`);
  const denied = { type: 'response.create', model: 'm', tools: [{ name: 'mcp__gh__search' }] };
  const allowed = JSON.stringify({ type: 'response.create', model: 'm', tools: [{ name: 'Read' }] });
  socket.send(JSON.stringify(denied));
  socket.send(Buffer.from(JSON.stringify(denied)));
  socket.send(allowed);
  await waitUntil(() => frames.length === 3, 'all three answers');
  for (const frame of frames.filter((one) => one !== allowed))
    expect(JSON.parse(frame)).toMatchObject({
      type: 'error',
      status: 403,
      error: { message: expect.stringContaining('gh (npx gh) is denied') as string },
    });
  expect(centre.heard).toEqual([allowed]);
  const event = { outcome: 'blocked', reason: 'server:gh', path: '/v1/responses', status: 403, model: 'm' };
  expect(events).toMatchObject([event, event]);
});

it('ends a session that has the tools of a server since it was denied', async () => {
  let blocked = false;
  const centre = await gate();
  const { at } = await edge({
    gate: centre.url,
    blocked: () => (blocked ? [{ verdict, names: ['gh'] }] : []),
  });
  const { socket, frames, ends } = await connect(`${at}/v1/realtime`);
  socket.send(JSON.stringify({ type: 'session.update', session: { tools: [{ name: 'mcp__gh__search' }] } }));
  await waitUntil(() => centre.heard.length === 1, 'the gate to hear it');
  blocked = true;
  socket.send(JSON.stringify({ type: 'response.create' }));
  await waitUntil(() => ends.length === 1, 'the end');
  expect([ends, centre.heard.length, frames.at(-1)]).toEqual([
    [1008],
    1,
    expect.stringContaining('is denied'),
  ]);
});

it('ends one whose app was denied since, with its next frame', async () => {
  const centre = await gate();
  let verdicts: EdgeOrders['verdicts'] = [];
  const { at, events } = await edge({ gate: centre.url, orders: () => ({ ...orders, verdicts }) });
  const { socket, frames, ends } = await connect(`${at}/v1/responses`);
  socket.send('one');
  await waitUntil(() => frames.length === 1, 'the first frame to come back');
  verdicts = [{ type: 'app', target: '', state: 'denied', decision: 'block', note: '' }];
  socket.send('two');
  await waitUntil(() => ends.length === 1, 'the end');
  expect([ends, centre.heard]).toEqual([[1008], ['one']]);
  expect(JSON.parse(frames.at(-1)!)).toMatchObject({ type: 'error', status: 403 });
  expect(events).toMatchObject([{ outcome: 'blocked', reason: 'app:', status: 403 }]);
});

it('opens none for an app that is denied, and says so', async () => {
  const centre = await gate();
  const app = { type: 'app', target: '', state: 'denied', decision: 'block', note: '' } as const;
  const denied = { ...orders, verdicts: [app] };
  const { at, events } = await edge({ gate: centre.url, orders: () => denied });
  const { status, body } = await refused(`${at}/v1/responses`);
  expect([status, body]).toEqual([403, expect.stringContaining('is denied')]);
  expect(events).toMatchObject([{ outcome: 'blocked', reason: 'app:', status: 403 }]);
  expect(centre.heads).toEqual([]);
});

it('asks the gate on this machine where the centre cannot be connected to and the policy says so', async () => {
  const [dead, here] = [await gate(), await gate('here')];
  dead.server.close();
  const no = await edge({ gate: dead.url, fallback: here.url });
  expect(await refused(`${no.at}/v1/responses`)).toMatchObject({ status: 503 });
  expect(no.events).toMatchObject([{ outcome: 'failed', status: 503, reason: 'ECONNREFUSED' }]);
  const may = { ...orders, policy: { ...orders.policy, fallback: true } };
  const yes = await edge({ gate: dead.url, fallback: here.url, orders: () => may });
  const { socket, head } = await connect(`${yes.at}/v1/responses`);
  expect(head['x-gate']).toBe('here');
  socket.close();
  await waitUntil(() => yes.events.length === 1, 'what is remembered');
  expect(yes.events).toMatchObject([{ outcome: 'fallback', status: 101 }]);
});
