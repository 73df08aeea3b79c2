// Responses over a WebSocket: one turn after another on one connection, each event a frame.
import { afterEach, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { rawCall } from '../kit/raw.ts';
import { waitUntil } from '../kit/wait.ts';

const harness = useGateway({ dialects: true });
const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});
const sent = (): string => JSON.stringify(harness.mock.lastRequest().json);

interface Frame {
  type: string;
  [member: string]: unknown;
}

/** A connection, and how to have a turn on it: all its frames up to the last. */
async function connect() {
  const socket = new WebSocket(`ws://127.0.0.1:${harness.port}/v1/responses?key=${gateKey}`);
  sockets.push(socket);
  const frames: Frame[] = [];
  socket.addEventListener('message', ({ data }) => void frames.push(JSON.parse(String(data)) as Frame));
  await waitUntil(() => socket.readyState === WebSocket.OPEN, 'the socket to open');
  const isLast = ({ type }: Frame): boolean => /^(error|response\.(completed|incomplete|failed))$/.test(type);
  return {
    socket,
    frames,
    async turn(frame: object, last = 1): Promise<Frame[]> {
      frames.length = 0;
      socket.send(JSON.stringify({ type: 'response.create', ...frame }));
      await waitUntil(() => frames.filter(isLast).length >= last, 'the turn to end');
      return [...frames];
    },
  };
}

const idOf = (frames: Frame[]): string => String(pick(frames.at(-1), 'response.id'));

describe.each(['rs', 'an', 'oa'])('a connection (%s)', (provider) => {
  const model = `${provider}/ok`;

  test('turns come as events in frames, numbered, one turn behind another', async () => {
    const { turn } = await connect();
    const first = await turn({ model, input: 'hello' });
    expect(first.map(({ sequence_number }) => sequence_number)).toEqual(first.map((_, at) => at));
    expect(first[0]?.type).toBe('response.created');
    expect(first.at(-1)?.type).toBe('response.completed');
    const second = await turn({ model, input: 'again', previous_response_id: idOf(first) });
    expect(second.at(-1)?.type).toBe('response.completed');
    expect(sent()).toContain('hello');
    expect(sent()).toContain('again');
  });

  test('what is not kept is there for the next turn of the same connection alone', async () => {
    const here = await connect();
    const first = await here.turn({ model, input: 'hush', store: false });
    const asked = { model, input: 'go on', store: false, previous_response_id: idOf(first) };
    const elsewhere = await (await connect()).turn(asked);
    expect(elsewhere).toMatchObject([
      {
        type: 'error',
        status: 404,
        error: { code: 'previous_response_not_found', param: 'previous_response_id' },
      },
    ]);
    const second = await here.turn(asked);
    expect(second.at(-1)?.type).toBe('response.completed');
    for (const words of ['hush', 'Hello from the mock provider', 'go on']) expect(sent()).toContain(words);
  });
});

test('a response that is steered ends within its text and has a successor, and events say their lane', async () => {
  const { socket, frames, turn } = await connect();
  const model = 'an/text:6+gate-after:2:steered';
  const over = turn({ model, input: 'count', stream_id: 'a' }, 2);
  await waitUntil(() => frames.some(({ type }) => type === 'response.output_text.delta'), 'a piece');
  const id = pick(frames[0], 'response.id');
  socket.send(JSON.stringify({ type: 'response.steer', previous_response_id: id, input: 'faster' }));
  await waitUntil(() => frames.some(({ type }) => type === 'response.incomplete'), 'its end');
  // The provider is let go of, and asked anew.
  await harness.mock.waitForCount('text:6+gate-after:2:steered', 2);
  harness.mock.open('steered');
  const all = await over;
  expect(all.find(({ type }) => type === 'response.incomplete')).toMatchObject({
    response: { incomplete_details: { reason: 'steered' } },
  });
  expect(all.filter(({ type }) => type === 'response.created')).toHaveLength(2);
  expect(new Set(all.map(({ stream_id }) => stream_id))).toEqual(new Set(['a']));
  for (const words of ['count', 't0', 'faster']) expect(sent()).toContain(words);
});

test('a turn that warms up asks no model, and the next one builds on it', async () => {
  const { turn } = await connect();
  const warm = await turn({ model: 'an/ok', input: 'get ready', generate: false });
  expect(warm.map(({ type }) => type)).toEqual(['response.created', 'response.completed']);
  expect(harness.mock.requests).toEqual([]);
  await turn({ model: 'an/ok', input: 'now', previous_response_id: idOf(warm) });
  expect(sent()).toContain('get ready');
  expect(await turn({ generate: false, previous_response_id: 'resp_never' })).toMatchObject([
    { type: 'error', status: 404 },
  ]);
});

test('errors are frames, and the connection goes on behind them', async () => {
  const { turn, socket, frames } = await connect();
  expect(await turn({ model: 'an/ok', input: 7 })).toMatchObject([
    { type: 'error', status: 400, error: { param: 'input', message: expect.any(String) } },
  ]);
  expect(await turn({ model: 'an/status:503', input: 'x' })).toMatchObject([{ type: 'error', status: 503 }]);
  frames.length = 0;
  for (const text of ['no JSON', '[]', '{"type":"response.other"}']) socket.send(text);
  await waitUntil(() => frames.length === 3, 'three refusals');
  expect(frames).toMatchObject(Array(3).fill({ type: 'error', status: 400 }));
  const broken = await turn({ model: 'an/text:20+cut-fin-after:3', input: 'x' });
  expect(broken.at(-1)?.type).toBe('error');
  expect((await turn({ model: 'an/ok', input: 'x' })).at(-1)?.type).toBe('response.completed');
});

test('frames that come meanwhile wait for their turn', async () => {
  const { turn, socket } = await connect();
  const frame = JSON.stringify({ type: 'response.create', model: 'an/ok', input: 'second' });
  const both = turn({ model: 'oa/slow-first:100', input: 'first' }, 2);
  socket.send(frame);
  const ended = (await both).filter(({ type }) => type === 'response.completed');
  expect(ended.map((last) => pick(last, 'response.model'))).toEqual(['slow-first:100', 'ok']);
});

test('a client that leaves ends its turn at the provider', async () => {
  const { socket } = await connect();
  socket.send(JSON.stringify({ type: 'response.create', model: 'an/never-head', input: 'x' }));
  await harness.mock.waitForCount('never-head', 1);
  socket.close();
  await waitUntil(() => harness.mock.running() === 0, 'the provider to be left');
});

test('who has no key gets no connection, and other routes are not served so', async () => {
  const upgrade = `connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
  const head = (path: string, key: string) =>
    `GET ${path} HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer ${key}\r\n${upgrade}\r\n`;
  expect((await rawCall(harness.port, head('/v1/responses', 'x'))).status).toBe(401);
  expect((await rawCall(harness.port, head('/v1/embeddings', gateKey))).status).toBe(426);
});
