// Responses that the gateway keeps, over two workers: built on, read, listed, stopped and forgotten whichever worker is
// asked, and by nobody but the key that made them.
import { Agent, request } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import { open, type Receiving } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { startKeepingUpstream } from '../kit/keeping-upstream.ts';
import { parseSse } from '../kit/sse.ts';
import { waitUntil } from '../kit/wait.ts';

const otherKey = 'hg-test-key-of-another-tenant-0123456789';
const keeper = await startKeepingUpstream();
afterAll(() => keeper.close());
const harness = useGateway(
  {
    dialects: true,
    rest: { auth: { keys: [gateKey, { name: 'other', value: otherKey }] } },
    providers: {
      keeper: {
        dialect: 'openai-responses',
        baseUrl: keeper.url,
        keys: ['keeper-key-0123456789'],
        quirks: { keepsResponses: true },
        retries: { max: 0 },
      },
    },
  },
  { workers: 2 },
);
const weather = {
  type: 'function',
  name: 'get_weather',
  parameters: { type: 'object', properties: {} },
  strict: false,
};
const path = '/v1/responses';

interface Answer {
  status: number;
  text: string;
  json: unknown;
}

/** On a connection of its own: the kernel gives it to either worker. */
function ask(method: string, url: string, body?: unknown, key = gateKey): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port: harness.port,
        method,
        path: url,
        agent: new Agent({ keepAlive: false }),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let json: unknown;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          resolve({ status: answer.statusCode!, text, json });
        });
        answer.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const create = async (body: object, key = gateKey): Promise<Answer> => ask('POST', path, body, key);
const idOf = ({ json }: Answer): string => String(pick(json, 'id'));
const sent = (): string => JSON.stringify(harness.mock.lastRequest().json);

describe.each(['oa', 'an', 'rs', 'co', 'ge'])('on an upstream that keeps nothing (%s)', (provider) => {
  test('a turn builds on those before it, whichever worker made them', async () => {
    const first = await create({
      model: `${provider}/ok`,
      input: 'my name is Ada',
      instructions: 'Be brief.',
    });
    expect([first.status, first.text]).toEqual([200, expect.stringContaining('resp_')]);
    let previous = idOf(first);
    for (const turn of [2, 3, 4]) {
      const next = await create({
        model: `${provider}/ok`,
        input: `turn ${turn}`,
        previous_response_id: previous,
      });
      expect([next.status, next.text]).toEqual([200, expect.anything()]);
      expect(sent()).toContain('my name is Ada');
      expect(sent()).toContain(`turn ${turn}`);
      // Instructions are of their own turn alone.
      expect(sent()).not.toContain('Be brief.');
      previous = idOf(next);
    }
    // Every turn and every answer, in order.
    const text = sent();
    const said = ['my name is Ada', 'Hello from the mock provider', 'turn 2', 'turn 3', 'turn 4'];
    expect(said.map((words) => text.indexOf(words))).toEqual(
      said.map((words) => text.indexOf(words)).toSorted((a, b) => a - b),
    );
    expect(text).not.toContain('previous_response_id');
  });
});

describe('what is kept', () => {
  test('is read, listed and forgotten by its id', async () => {
    const input = [
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: [{ type: 'input_text', text: 'three' }] },
    ];
    const made = await create({ model: 'an/ok', input, metadata: { of: 'me' } });
    const id = idOf(made);
    expect(pick(made.json, 'store')).toBe(true);
    const read = await ask('GET', `${path}/${id}`);
    expect([read.status, read.json]).toEqual([200, made.json]);

    const list = await ask('GET', `${path}/${id}/input_items?order=asc`);
    expect(list.json).toMatchObject({ object: 'list', has_more: false });
    const items = pick(list.json, 'data') as { id: string; role: string; content: unknown }[];
    expect(items.map(({ role, content }) => [role, content])).toEqual([
      ['user', [{ type: 'input_text', text: 'one' }]],
      ['assistant', [{ type: 'output_text', text: 'two' }]],
      ['user', [{ type: 'input_text', text: 'three' }]],
    ]);
    const newest = await ask('GET', `${path}/${id}/input_items?limit=2`);
    expect(newest.json).toMatchObject({ first_id: items[2]!.id, last_id: items[1]!.id, has_more: true });
    const rest = await ask('GET', `${path}/${id}/input_items?limit=2&after=${items[1]!.id}`);
    expect(rest.json).toMatchObject({ data: [{ id: items[0]!.id }], has_more: false });
    expect((await ask('GET', `${path}/${id}/input_items?limit=0`)).status).toBe(400);

    const gone = await ask('DELETE', `${path}/${id}`);
    expect(gone.json).toEqual({ id, object: 'response', deleted: true });
    for (let asked = 0; asked < 4; asked++) expect((await ask('GET', `${path}/${id}`)).status).toBe(404);
    const on = await create({ model: 'an/ok', input: 'go on', previous_response_id: id });
    expect(on.status).toBe(404);
  });

  test('is another key’s no more than what never was, word for word', async () => {
    const id = idOf(await create({ model: 'oa/ok', input: 'a secret' }));
    const unknown = id.replace(/^resp_./, 'resp_x');
    for (const [method, suffix] of [
      ['GET', ''],
      ['GET', '/input_items'],
      ['GET', '?stream=true'],
      ['DELETE', ''],
      ['POST', '/cancel'],
    ] as const) {
      const foreign = await ask(method, `${path}/${id}${suffix}`, undefined, otherKey);
      const never = await ask(method, `${path}/${unknown}${suffix}`, undefined, otherKey);
      expect([foreign.status, foreign.text.replaceAll(id, 'ID')]).toEqual([
        404,
        never.text.replaceAll(unknown, 'ID'),
      ]);
    }
    for (const provider of ['oa', 'rs', 'keeper']) {
      const asked = { model: `${provider}/ok`, input: 'tell me', previous_response_id: id };
      const refused = await create(asked, otherKey);
      expect(refused.status).toBe(404);
      expect(refused.json).toMatchObject({
        error: { code: 'previous_response_not_found', param: 'previous_response_id' },
      });
    }
    expect(JSON.stringify(harness.mock.requests.map(({ json }) => json))).not.toContain('tell me');
    expect((await ask('GET', `${path}/${id}`)).status).toBe(200);
  });

  test('is nothing with `store: false`, and nothing of a call that failed', async () => {
    const made = await create({ model: 'oa/ok', input: 'hi', store: false });
    expect(pick(made.json, 'store')).toBe(false);
    expect((await ask('GET', `${path}/${idOf(made)}`)).status).toBe(404);
    const wrong = await create({ model: 'oa/ok', input: 'hi', store: 'no' });
    expect([wrong.status, pick(wrong.json, 'error.param')]).toEqual([400, 'store']);
  });

  test('of a stream is what its last event says, and comes again as a stream', async () => {
    for (const provider of ['rs', 'an']) {
      const streamed = await create({
        model: `${provider}/tools`,
        input: 'hi',
        stream: true,
        tools: [weather],
      });
      const events = parseSse(streamed.text);
      const last = events.at(-1)!;
      expect(last.event).toBe('response.completed');
      const id = String(pick(last.json, 'response.id'));
      expect((await ask('GET', `${path}/${id}`)).json).toEqual(pick(last.json, 'response'));
      const again = parseSse((await ask('GET', `${path}/${id}?stream=true`)).text);
      expect(again.map(({ json }) => pick(json, 'sequence_number'))).toEqual(again.map((_, at) => at));
      expect(again.map(({ event }) => event)).toContain('response.function_call_arguments.done');
      expect(pick(again.at(-1)!.json, 'response')).toEqual(pick(last.json, 'response'));
      const rest = parseSse((await ask('GET', `${path}/${id}?stream=true&starting_after=3`)).text);
      expect(rest).toEqual(again.slice(4));
      expect((await ask('GET', `${path}/${id}?stream=true&starting_after=x`)).status).toBe(400);
    }
  });

  test('goes on with another provider than the one that made it', async () => {
    const first = await create({ model: 'rs/ok', input: 'from afar' });
    const second = await create({ model: 'an/ok', input: 'here', previous_response_id: idOf(first) });
    expect(second.status).toBe(200);
    expect(pick(second.json, 'previous_response_id')).toBe(idOf(first));
    expect(sent()).toContain('from afar');
    const counted = await ask('POST', `${path}/input_tokens`, {
      model: 'an/ok',
      input: 'x',
      previous_response_id: idOf(second),
    });
    expect(counted.status).toBe(200);
    expect(sent()).toContain('from afar');
  });

  test('is found by references to its items', async () => {
    const first = await create({ model: 'an/ok', input: 'hi' });
    const item = String(pick(first.json, 'output.0.id'));
    const input = [
      { role: 'user', content: 'hi' },
      { type: 'item_reference', id: item },
      { role: 'user', content: 'and now?' },
    ];
    const second = await create({ model: 'oa/ok', input });
    expect([second.status, sent()]).toEqual([200, expect.stringContaining('Hello from the mock provider')]);
    expect((await create({ model: 'oa/ok', input }, otherKey)).status).toBe(404);
  });
});

describe('in the background', () => {
  const until = (id: string, status: string) =>
    waitUntil(async () => {
      const { json } = await ask('GET', `${path}/${id}`);
      return pick(json, 'status') === status ? json : null;
    }, `${id} to be ${status}`);

  test.each(['oa', 'an', 'rs'])('a response runs without its client (%s)', async (provider) => {
    const queued = await create({ model: `${provider}/ok`, input: 'take your time', background: true });
    expect([queued.status, queued.json]).toMatchObject([
      200,
      { status: 'queued', background: true, output: [] },
    ]);
    const done = await until(idOf(queued), 'completed');
    expect(done).toMatchObject({ id: idOf(queued), background: true, store: true });
    expect(JSON.stringify(pick(done, 'output'))).toContain('Hello from the mock provider');
    expect(sent()).not.toContain('background');
    const next = await create({ model: 'an/ok', input: 'go on', previous_response_id: idOf(queued) });
    expect([next.status, sent()]).toEqual([200, expect.stringContaining('take your time')]);
  });

  test('it is stopped from whichever worker is asked', async () => {
    for (let round = 0; round < 3; round++) {
      const queued = await create({ model: 'an/never-head', input: 'hi', background: true });
      await harness.mock.waitForCount('never-head', round + 1);
      const inTheWay = await create({ model: 'an/ok', input: 'x', previous_response_id: idOf(queued) });
      expect([inTheWay.status, pick(inTheWay.json, 'error.param')]).toEqual([400, 'previous_response_id']);
      const stopped = await ask('POST', `${path}/${idOf(queued)}/cancel`);
      expect([stopped.status, pick(stopped.json, 'status')]).toEqual([200, 'cancelled']);
      await waitUntil(() => harness.mock.running() === 0, 'the upstream to be left');
      expect(pick((await ask('POST', `${path}/${idOf(queued)}/cancel`)).json, 'status')).toBe('cancelled');
    }
    const other = await create({ model: 'an/ok', input: 'hi' });
    expect((await ask('POST', `${path}/${idOf(other)}/cancel`)).status).toBe(400);
  });

  test('a failure is told by the response', async () => {
    const queued = await create({ model: 'an/status:503', input: 'hi', background: true });
    expect(queued.status).toBe(200);
    const failed = await until(idOf(queued), 'failed');
    expect(pick(failed, 'error.message')).toBeTruthy();
  });

  test('a stream begins at once and ends when the response does', async () => {
    const streamed = await create({ model: 'an/ok', input: 'hi', background: true, stream: true });
    const events = parseSse(streamed.text);
    expect(events.slice(0, 3).map(({ event }) => event)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
    ]);
    expect(events.at(-1)?.event).toBe('response.completed');
    const id = String(pick(events[0]?.json, 'response.id'));
    const again = parseSse((await ask('GET', `${path}/${id}?stream=true&starting_after=2`)).text);
    expect(again).toEqual(events.slice(3));
  });

  test.each(['oa', 'an', 'rs'])('pieces are told as they come, to whoever asks (%s)', async (provider) => {
    const gate = `pieces-${provider}`;
    const body = {
      model: `${provider}/text:6+gate-after:3:${gate}`,
      input: 'hi',
      background: true,
      stream: true,
    };
    const headers = { authorization: `Bearer ${gateKey}` };
    const first = open(harness, path, { body, headers });
    const told = (stream: Receiving) => parseSse(stream.text).map(({ json }) => json);
    const pieces = (stream: Receiving) =>
      told(stream)
        .filter((event) => pick(event, 'type') === 'response.output_text.delta')
        .map((event) => pick(event, 'delta'))
        .join('');
    await waitUntil(() => pieces(first) === 't0 t1 t2', 'the first pieces');
    const id = String(pick(told(first)[0], 'response.id'));
    expect(told(first).map((event) => pick(event, 'sequence_number'))).toEqual(
      told(first).map((_, at) => at),
    );
    // Some of them at the other worker, and one whose first stream is lost.
    const others = Array.from({ length: 4 }, () =>
      open(harness, `${path}/${id}?stream=true&starting_after=3`, { method: 'GET', headers }),
    );
    for (const other of others)
      await waitUntil(() => pieces(other) === 't0 t1 t2', 'the same pieces at another stream');
    harness.mock.open(gate);
    const events = parseSse((await first.whole()).text);
    expect(pieces(first)).toBe('t0 t1 t2 t3 t4 t5');
    expect(events.at(-1)).toMatchObject({
      event: 'response.completed',
      json: { response: { id, status: 'completed', background: true } },
    });
    for (const other of others) expect(parseSse((await other.whole()).text)).toEqual(events.slice(4));
    const later = await ask('GET', `${path}/${id}?stream=true&starting_after=3`);
    expect(parseSse(later.text)).toEqual(events.slice(4));
    expect(pick((await ask('GET', `${path}/${id}`)).json, 'output.0.content.0.text')).toBe(
      't0 t1 t2 t3 t4 t5',
    );
  });

  test('a stream that is stopped, or breaks off, says so', async () => {
    const headers = { authorization: `Bearer ${gateKey}` };
    const body = { model: 'an/text:6+stall-after:2', input: 'hi', background: true, stream: true };
    const stream = open(harness, path, { body, headers });
    await waitUntil(() => stream.text.includes('t1'), 'two pieces');
    const id = String(pick(parseSse(stream.text)[0]?.json, 'response.id'));
    expect(pick((await ask('POST', `${path}/${id}/cancel`)).json, 'status')).toBe('cancelled');
    const last = parseSse((await stream.whole()).text).at(-1);
    expect(last).toMatchObject({ event: 'response.failed', json: { response: { id, status: 'cancelled' } } });
    const broken = await create({
      model: 'an/text:6+cut-fin-after:2',
      input: 'hi',
      background: true,
      stream: true,
    });
    expect(parseSse(broken.text).at(-1)).toMatchObject({
      event: 'response.failed',
      json: { response: { status: 'failed', error: { code: 'server_error' } } },
    });
  });

  test('it is limited, measured and logged once, as any call', async () => {
    const queued = await create({ model: 'an/ok+once', input: 'hi', background: true });
    await until(idOf(queued), 'completed');
    const lines = () =>
      harness.gateway.logs().filter(({ msg, model }) => msg === 'request' && model === 'an/ok+once');
    await waitUntil(() => lines().length > 0, 'the access line');
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ status: 200, provider: 'an' });
    expect(harness.mock.requestsFor('ok+once')).toHaveLength(1);
  });

  test('it needs to be kept', async () => {
    const refused = await create({ model: 'an/ok', input: 'hi', background: true, store: false });
    expect([refused.status, pick(refused.json, 'error.param')]).toEqual([400, 'background']);
  });
});

describe('an upstream that keeps responses itself', () => {
  test('is told what a turn builds on, and the call stays with it', async () => {
    const first = await create({ model: 'keeper/m', input: 'one' });
    const asked = {
      model: 'keeper/m',
      fallbacks: ['oa/ok'],
      input: 'two',
      previous_response_id: idOf(first),
    };
    const second = await create(asked);
    expect(second.json).toMatchObject({ id: 'resp_there2', previous_response_id: 'resp_there1' });
    const third = await create({ model: 'oa/ok', input: 'three', previous_response_id: idOf(second) });
    expect(third.status).toBe(200);
    for (const words of ['one', 'two', 'three', 'answer resp_there1', 'answer resp_there2'])
      expect(sent()).toContain(words);
    expect((await create({ ...asked, previous_response_id: idOf(first) }, otherKey)).status).toBe(404);
  });

  test('runs in the background, is asked how it is, stopped, and told to forget', async () => {
    const queued = await create({ model: 'keeper/m', input: 'hi', background: true });
    const id = idOf(queued);
    expect(pick((await ask('GET', `${path}/${id}`)).json, 'status')).toBe('queued');
    expect((await ask('GET', `${path}/${id}`, undefined, otherKey)).status).toBe(404);
    keeper.finish();
    const done = await ask('GET', `${path}/${id}`);
    expect(pick(done.json, 'status')).toBe('completed');
    const stopped = idOf(await create({ model: 'keeper/m', input: 'hi', background: true }));
    expect(pick((await ask('POST', `${path}/${stopped}/cancel`)).json, 'status')).toBe('cancelled');
    expect((await ask('DELETE', `${path}/${id}`, undefined, otherKey)).status).toBe(404);
    expect(keeper.kept.has(id)).toBe(true);
    expect((await ask('DELETE', `${path}/${id}`)).status).toBe(200);
    expect(keeper.kept.has(id)).toBe(false);
    expect(keeper.asked.map(({ line }) => line)).toContain(`POST /v1/responses/${stopped}/cancel`);
  });

  // Its stream came with its provider's numbers: told anew from its answer alone, the same number was another event.
  test('of a stream in the background is gone on with by the numbers of its provider', async () => {
    const asked = { model: 'keeper/m', input: 'hi', background: true };
    const made = await create({ ...asked, stream: true });
    expect(made.text).toContain('response.completed');
    const first = parseSse(made.text);
    const id = String(pick(first[0]?.json, 'response.id'));
    const query = 'stream=true&starting_after=2';
    expect(parseSse((await ask('GET', `${path}/${id}?${query}`)).text)).toEqual(first.slice(3));
    expect(keeper.asked.at(-1)?.line).toBe(`GET /v1/responses/${id}?${query}`);
    // Not made as a stream: its provider has no events of it, and the gateway tells them.
    const whole = idOf(await create(asked));
    keeper.finish();
    const told = parseSse((await ask('GET', `${path}/${whole}?stream=true`)).text);
    expect(told.at(-1)?.event).toBe('response.completed');
    expect((await ask('GET', `${path}/${id}?${query}`, undefined, otherKey)).status).toBe(404);
    // Who leaves while it is told leaves its provider too, however long that says nothing.
    const before = keeper.left;
    keeper.silent = true;
    try {
      const leaving = open(harness, `${path}/${id}?stream=true`);
      await leaving.seen('response.created');
      leaving.abort();
      await waitUntil(() => keeper.left === before + 1, 'the end of a stream that nobody reads');
    } finally {
      keeper.silent = false;
    }
  });
});

test('turns that come at once to both workers are one behind the other, and none is lost', async () => {
  const { json } = await ask('POST', '/v1/conversations', {});
  const id = String(pick(json, 'id'));
  const first = create({ model: 'an/gate:turns+at-once', input: 'turn 0', conversation: id });
  await harness.mock.waitForCount('gate:turns+at-once', 1);
  const others = [1, 2, 3, 4].map((turn) =>
    create({ model: 'an/ok+at-once', input: `turn ${turn}`, conversation: id }),
  );
  harness.mock.open('turns');
  for (const answer of await Promise.all([first, ...others])) expect(answer.status).toBe(200);
  const listed = await ask('GET', `/v1/conversations/${id}/items?order=asc&limit=100`);
  const roles = (pick(listed.json, 'data') as { role: string }[]).map(({ role }) => role);
  expect(roles).toEqual(Array(5).fill(['user', 'assistant']).flat());
  // Each was asked with all before it.
  const asked = harness.mock.requestsFor('ok+at-once').map(({ json: body }) => pick(body, 'messages'));
  expect(asked.map((messages) => (messages as unknown[]).length)).toEqual([3, 5, 7, 9]);
});

test('a conversation grows by what is said in it, and is its key’s alone', async () => {
  const made = await ask('POST', '/v1/conversations', {
    metadata: { topic: 'x' },
    items: [{ role: 'user', content: 'I am Ada' }],
  });
  expect(made.json).toMatchObject({ object: 'conversation', metadata: { topic: 'x' } });
  const id = idOf(made);
  for (const [turn, provider] of ['an', 'oa', 'keeper'].entries()) {
    const said = await create({ model: `${provider}/ok`, input: `turn ${turn}`, conversation: id });
    expect(said.status).toBe(200);
    if (provider !== 'keeper') expect(pick(said.json, 'conversation.id')).toBe(id);
  }
  expect(JSON.stringify(keeper.asked.at(-1)?.body)).toContain('I am Ada');
  const listed = await ask('GET', `/v1/conversations/${id}/items?order=asc&limit=100`);
  const items = pick(listed.json, 'data') as { id: string; role: string }[];
  expect(items.map(({ role }) => role)).toEqual(['user', ...Array(3).fill(['user', 'assistant']).flat()]);
  const more = await ask('POST', `/v1/conversations/${id}/items`, {
    items: [{ role: 'user', content: 'more' }],
  });
  const added = String(pick(more.json, 'data.0.id'));
  expect((await ask('GET', `/v1/conversations/${id}/items/${added}`)).json).toMatchObject({ role: 'user' });
  expect((await ask('DELETE', `/v1/conversations/${id}/items/${added}`)).status).toBe(200);
  expect((await ask('GET', `/v1/conversations/${id}/items/${added}`)).status).toBe(404);
  const renamed = await ask('POST', `/v1/conversations/${id}`, { metadata: { topic: 'y' } });
  expect(pick(renamed.json, 'metadata.topic')).toBe('y');
  for (let asked = 0; asked < 4; asked++) {
    const seen = await ask('GET', `/v1/conversations/${id}`);
    expect(pick(seen.json, 'metadata.topic')).toBe('y');
  }
  expect((await ask('GET', `/v1/conversations/${id}`, undefined, otherKey)).status).toBe(404);
  expect((await create({ model: 'an/ok', input: 'x', conversation: id }, otherKey)).status).toBe(404);
  expect((await ask('DELETE', `/v1/conversations/${id}`)).json).toMatchObject({ deleted: true });
  expect((await create({ model: 'an/ok', input: 'x', conversation: id })).status).toBe(404);
});

test('a conversation is compacted, and goes on from the summary with any provider', async () => {
  for (const provider of ['an', 'oa', 'rs']) {
    const first = await create({ model: `${provider}/ok`, input: 'a long story' });
    const compacted = await ask('POST', `${path}/compact`, {
      model: `${provider}/ok`,
      input: [{ role: 'user', content: 'and its end' }],
      instructions: 'Be brief.',
      tools: [weather],
      previous_response_id: idOf(first),
    });
    expect(compacted.json).toMatchObject({
      object: 'response.compaction',
      output: [{ type: 'compaction', encrypted_content: expect.any(String) }],
      usage: { input_tokens: 12 },
    });
    for (const words of ['a long story', 'and its end', 'Summarise the conversation'])
      expect(sent()).toContain(words);
    expect(sent()).not.toContain('get_weather');
    const output = pick(compacted.json, 'output') as object[];
    for (const next of ['an', 'rs']) {
      const on = await create({
        model: `${next}/ok`,
        input: [...output, { role: 'user', content: 'go on' }],
      });
      expect(on.status).toBe(200);
      // The mock's answer was the summary.
      expect(sent()).toContain('Summary of the conversation so far');
      expect(sent()).toContain('Hello from the mock provider');
      expect(sent()).not.toContain('hgc1.');
    }
  }
  await ask('POST', `${path}/compact`, { model: 'keeper/m', input: 'x' });
  expect(keeper.asked.at(-1)).toEqual({
    line: 'POST /v1/responses/compact',
    body: { model: 'm', input: 'x' },
  });
});
