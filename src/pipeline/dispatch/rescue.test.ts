import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeProvider, type FakeRequest, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import type { Delta, Usage } from '../../contracts/chat.ts';
import type { RescuePolicy } from '../../contracts/alias-config.ts';
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import { Placeholders } from '../../guardrails/placeholders.ts';
import { GuardRun } from '../../guardrails/run.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { DIALECT_NAMES } from '../../registry/manners.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { gatherStream } from '../answer/gather-stream.ts';
import { createClocks } from '../clocks.ts';
import { AnswerGuard } from '../guardrails/answer-guard.ts';
import { readPosition } from '../rescue/position.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const WORDS = Array.from({ length: 12 }, (_, at) => `word${at} `);
const WHOLE = WORDS.join('');
const USAGE: Usage = {
  input: 20,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: 12,
  reasoning: null,
};

/** A stream of one dialect, event by event. */
function eventsOf(dialect: Dialect, deltas: readonly Delta[], id: string): Buffer[] {
  const encoder = dialect.chat.createEncoder({
    requestId: `up-${id}`,
    model: 'upstream-model',
    now: 1_700_000_000,
    includeUsage: true,
  });
  const events: Buffer[] = [];
  const frames = new FrameWriter(dialect.chat.framing);
  for (const delta of deltas) {
    encoder.encode(delta, frames);
    const bytes = Buffer.from(frames.take() as string);
    if (bytes.length > 0) events.push(bytes);
  }
  return events;
}

const START: Delta = { kind: 'start', id: 'first', model: 'm-one', created: 1_700_000_000, usage: null };
const textBlock = (words: readonly string[], index = 0): Delta[] => [
  { kind: 'open', index, block: 'text' },
  ...words.map((text): Delta => ({ kind: 'text', index, text })),
  { kind: 'close', index },
];
const END: Delta[] = [
  { kind: 'stop', reason: 'end', stopSequence: null },
  { kind: 'usage', usage: USAGE },
  { kind: 'end' },
];
const answerOf = (words: readonly string[], id = 'second'): Delta[] => [
  { ...START, id, model: 'm-two' } as Delta,
  ...textBlock(words),
  ...END,
];
/** What comes until the stream breaks behind so many words. */
const begunWith = (words: readonly string[]): Delta[] => [START, ...textBlock(words).slice(0, -1)];

function bodyFor(dialect: DialectName): object {
  const messages = [{ role: 'user', content: 'hi' }];
  switch (dialect) {
    case 'gemini':
      return { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] };
    case 'bedrock':
      return { messages: [{ role: 'user', content: [{ text: 'hi' }] }] };
    case 'openai-responses':
      return { model: 'm', input: 'hi', stream: true };
    case 'bedrock-invoke':
      return { anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages };
    default:
      return { model: 'm', max_tokens: 100, messages, stream: true };
  }
}

function setUp() {
  let now = 0;
  const settled: Call[] = [];
  const rescued: [string, string][] = [];
  const clocks = createClocks({ now: () => now, wall: () => now });
  const dispatch = quietDispatch(clocks, [{ settled: (call) => settled.push(call) }], {
    rescued: (from: Target, outcome) => rescued.push([from.provider.name, outcome]),
  });
  const run = (
    client: DialectName,
    providers: FakeProvider[],
    policy?: RescuePolicy,
    query = 'alt=sse',
    body = bodyFor(client),
    arrange: (call: Call) => void = () => {},
  ) => {
    const { call, sink } = fakeCall(client, body, providers);
    arrange(call);
    Object.assign(call.head, { query });
    call.facts!.stream = true;
    const pieces: Buffer[] = [];
    const { chunk } = sink;
    sink.chunk = (bytes) => {
      pieces.push(Buffer.from(bytes as string));
      return chunk.call(sink, bytes);
    };
    // The rest of a plan is its targets.
    if (policy !== undefined) call.plan = { ...call.plan!, rescue: policy };
    void dispatch(call);
    return { call, sink, bytes: () => Buffer.concat(pieces) };
  };
  const pass = async (ms: number) => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { run, settled, rescued, pass };
}

function openStream(request: FakeRequest, dialect: Dialect): FakeRequest {
  request.handler.onSent(true);
  request.handler.onHead(200, { 'content-type': dialect.chat.framing.mediaType });
  return request;
}

function say(request: FakeRequest, dialect: Dialect, deltas: readonly Delta[], id = 'second'): void {
  openStream(request, dialect);
  for (const event of eventsOf(dialect, deltas, id)) request.handler.onData(event);
}

const cut = (request: FakeRequest) => request.handler.onError(new GatewayError('GW_UPSTREAM_TRUNCATED'));

function answerIn(bytes: Buffer, client: Dialect) {
  return gatherStream(bytes, client.chat.framing, client.chat.createDecoder());
}

const textIn = (bytes: Buffer, client: Dialect) =>
  answerIn(bytes, client)
    .parts.map((part) => (part.kind === 'text' ? part.text : ''))
    .join('');

/** Does not take the beginning of its answer. */
const noPrefill = (name: string, dialect: Dialect): FakeProvider => withPrefill(name, dialect, false);

function withPrefill(name: string, dialect: Dialect, prefill: boolean): FakeProvider {
  const provider = fakeProvider(name, dialect);
  const { encode } = provider.target;
  Object.assign(provider.target, {
    encode: { ...encode, capabilities: { ...encode.capabilities, prefill } },
  });
  return provider;
}

const NOTE = ': headgate-rescue from=a/m to=b/m manner=restart';

/** The events; behind them the note of who went on. */
function events(bytes: Buffer): string[] {
  const told = bytes
    .toString()
    .split('\n\n')
    .filter((event) => event !== '');
  expect(told.at(-1)).toBe(NOTE);
  return told.slice(0, -1);
}

const pairs = DIALECT_NAMES.flatMap((client) => DIALECT_NAMES.map((upstream) => [client, upstream] as const));

describe.each(pairs)('a stream to %s that was cut is told whole by %s', (clientName, upstreamName) => {
  const client = dialectByName(clientName);
  const upstream = dialectByName(upstreamName);

  test.each(['same dialect first', 'other dialect first'])('that begins anew: %s', (which) => {
    const { run, rescued, settled } = setUp();
    const firstDialect = which.startsWith('same') ? client : dialectByName('cohere');
    const one = fakeProvider('a', firstDialect);
    const two = noPrefill('b', upstream);
    const { call, bytes } = run(clientName, [one, two]);
    say(one.requests[0]!, firstDialect, begunWith(WORDS.slice(0, 7)), 'first');
    cut(one.requests[0]!);
    say(two.requests[0]!, upstream, answerOf(WORDS));
    two.requests[0]!.end();
    expect(textIn(bytes(), client)).toBe(WHOLE);
    expect(answerIn(bytes(), client)).toMatchObject({ stop: 'end' });
    expect(settled).toEqual([call]);
    expect([call.error, call.status, call.rescued]).toEqual([null, 200, 'restart']);
    expect(rescued).toEqual([['a', 'restart']]);
    expect([one.seats(), two.seats()]).toEqual([0, 0]);
  });

  test('that goes on from the beginning it is given', () => {
    const { run, rescued } = setUp();
    const one = fakeProvider('a', client);
    const two = withPrefill('b', upstream, true);
    const { bytes } = run(clientName, [one, two]);
    say(one.requests[0]!, client, begunWith(WORDS.slice(0, 7)), 'first');
    cut(one.requests[0]!);
    expect(two.requests[0]!.sent.toString()).toContain(WORDS.slice(0, 7).join('').trim());
    say(two.requests[0]!, upstream, answerOf(WORDS.slice(7)));
    two.requests[0]!.end();
    expect(textIn(bytes(), client)).toBe(WHOLE);
    expect(rescued).toEqual([['a', 'prefill']]);
  });
});

test('a request that has no place for an instruction is asked for again, but not for ever', () => {
  const responses = dialectByName('openai-responses');
  const { run, settled } = setUp();
  const one = fakeProvider('a', responses);
  const two = noPrefill('b', responses);
  const { call } = run('openai-responses', [one, two], undefined, '', {
    model: 'm',
    stream: true,
    prompt: { id: 'pmpt_1' },
  });
  say(one.requests[0]!, responses, begunWith(WORDS.slice(0, 7)), 'first');
  cut(one.requests[0]!);
  for (let at = 0; at < two.requests.length && at < 10; at++)
    say(two.requests[at]!, responses, answerOf(['Something ', 'else ', 'altogether, ', 'and more.']));
  expect(two.requests.length).toBeLessThanOrEqual(2);
  expect(settled).toEqual([call]);
  expect(call.error).not.toBeNull();
});

const chat = dialectByName('openai-chat');
const messages = dialectByName('anthropic');
const responses = dialectByName('openai-responses');

/** A stream that broke behind some words, and who is asked next. */
function broken(
  client: Dialect,
  second: (name: string, dialect: Dialect) => FakeProvider = noPrefill,
  words = 7,
) {
  const made = setUp();
  const one = fakeProvider('a', client);
  const two = second('b', client);
  const three = second('c', client);
  const running = made.run(client.name, [one, two, three]);
  say(one.requests[0]!, client, begunWith(WORDS.slice(0, words)), 'first');
  cut(one.requests[0]!);
  return { ...made, ...running, one, two, three };
}

describe('what the client of a rescued stream sees', () => {
  test('Chat: one id, one time, one role, one finish and one [DONE]', () => {
    const { two, bytes } = broken(chat);
    say(two.requests[0]!, chat, answerOf(WORDS));
    const told = events(bytes());
    expect(told.at(-1)).toBe('data: [DONE]');
    const chunks = told.slice(0, -1).map((event) => JSON.parse(event.slice(6)));
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set(['chatcmpl-first']));
    expect(new Set(chunks.map(({ created }) => created))).toEqual(new Set([1_700_000_000]));
    expect(
      bytes()
        .toString()
        .match(/"role"/g),
    ).toHaveLength(1);
    expect(chunks.filter(({ choices }) => choices[0]?.finish_reason === 'stop')).toHaveLength(1);
    expect(chunks.at(-1).model).toBe('m-two');
  });

  test('Messages: one message_start, blocks in order, one message_stop', () => {
    const { two, bytes } = broken(messages);
    say(two.requests[0]!, messages, answerOf(WORDS));
    const names = events(bytes()).map((event) => event.split('\n')[0]!.slice(7));
    expect(names.filter((name) => name !== 'content_block_delta')).toEqual([
      'message_start',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(names.filter((name) => name === 'content_block_delta')).toHaveLength(WORDS.length);
  });

  test('Responses: numbers without a gap, the items of before, all the text at the end', () => {
    const { two, bytes } = broken(responses);
    say(two.requests[0]!, responses, answerOf(WORDS));
    const told = events(bytes()).map((event) => JSON.parse(event.split('\ndata: ')[1]!));
    expect(told.map(({ sequence_number }) => sequence_number)).toEqual(told.map((_, at) => at));
    expect(told.filter(({ type }) => type === 'response.created')).toHaveLength(1);
    const ids = new Set(told.flatMap(({ item_id, item }) => item_id ?? item?.id ?? []));
    expect(ids.size).toBe(1);
    const { response } = told.at(-1)!;
    expect(response.id).toBe(told[0]!.response.id);
    expect(response.output[0].content[0].text).toBe(WHOLE);
  });

  test('the usage of what it received; each attempt has its own', () => {
    const { two, call } = broken(chat, (name, dialect) => withPrefill(name, dialect, true));
    say(two.requests[0]!, chat, answerOf(WORDS.slice(7)));
    two.requests[0]!.end();
    expect(call.usage).toMatchObject({ input: 13, output: 19 });
    expect(call.attempts.map(({ usage }) => usage?.output ?? null)).toEqual([null, 12]);
    expect(call.attempts[0]!.contentEvents).toBe(7);
    expect(call.attempts.map(({ errorType }) => errorType)).toEqual(['provider_truncated', '']);
  });
});

describe('a target that does not go on', () => {
  test('that refuses the beginning of its answer is asked anew, and remembered', () => {
    const taking = (name: string, dialect: Dialect) => withPrefill(name, dialect, true);
    const { two, bytes, sink, rescued, run } = broken(chat, taking);
    two.requests[0]!.json(400, { error: { message: 'no prefill', type: 'invalid_request_error' } });
    say(two.requests[1]!, chat, answerOf(WORDS));
    expect(textIn(bytes(), chat)).toBe(WHOLE);
    expect(sink.body).not.toContain('no prefill');
    expect(rescued).toEqual([['a', 'restart']]);
    const again = fakeProvider('a', chat);
    run('openai-chat', [again, two]);
    say(again.requests[0]!, chat, begunWith(WORDS.slice(0, 3)), 'first');
    cut(again.requests[0]!);
    expect(two.requests[2]!.sent.toString()).not.toContain('word1');
  });

  test('that was given its beginning and begins anew all the same is matched', () => {
    const { two, bytes, call } = broken(chat, (name, dialect) => withPrefill(name, dialect, true));
    say(two.requests[0]!, chat, answerOf(WORDS));
    expect(textIn(bytes(), chat)).toBe(WHOLE);
    // Its usage is that of all the client has.
    two.requests[0]!.end();
    expect(call.usage).toMatchObject({ input: 13, output: 12 });
  });

  test('that gives another answer is told to go on; nothing of the other answer is shown', () => {
    const { two, bytes, rescued } = broken(chat);
    say(two.requests[0]!, chat, answerOf(['word0 ', 'and ', 'now ', 'something ', 'else']));
    expect(two.requests[0]!.aborted).toBe(true);
    const asked = JSON.parse(two.requests[1]!.sent.toString());
    expect(asked.messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(asked.messages[1].content).toBe(WORDS.slice(0, 7).join('').trim());
    say(two.requests[1]!, chat, answerOf(WORDS.slice(7)));
    expect(textIn(bytes(), chat)).toBe(WHOLE);
    expect(rescued).toEqual([['a', 'instruct']]);
  });

  test('whose answer is shorter than what was sent has given another', () => {
    const { two } = broken(chat);
    say(two.requests[0]!, chat, answerOf(WORDS.slice(0, 3)));
    expect(two.requests).toHaveLength(2);
  });

  test('that answers whole is joined all the same', () => {
    const { two, bytes, call } = broken(messages);
    two.requests[0]!.json(200, {
      id: 'second',
      type: 'message',
      role: 'assistant',
      model: 'm-two',
      content: [{ type: 'text', text: WHOLE }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 20, output_tokens: 12 },
    });
    expect(textIn(bytes(), messages)).toBe(WHOLE);
    expect([call.error, call.usage?.output, call.rescued]).toEqual([null, 12, 'restart']);
    expect(call.attempts[1]!.usage).toMatchObject({ input: 20, output: 12 });
  });

  test('that is down is followed by the next', async () => {
    const { two, three, bytes } = broken(chat);
    two.requests[0]!.json(429, { error: { message: 'slow down' } });
    say(three.requests[0]!, chat, answerOf(WORDS));
    expect(textIn(bytes(), chat)).toBe(WHOLE);
  });

  test('that breaks too is followed by the next, which goes on from there', () => {
    const { two, three, bytes, call } = broken(chat);
    say(two.requests[0]!, chat, begunWith(WORDS.slice(0, 10)));
    cut(two.requests[0]!);
    say(three.requests[0]!, chat, answerOf(WORDS));
    expect(textIn(bytes(), chat)).toBe(WHOLE);
    expect(call.attempts).toHaveLength(3);
  });

  test('leaves one error event and no end, once none is left', () => {
    const { two, three, sink, call, rescued } = broken(messages);
    const refuse = (request: FakeRequest) =>
      request.json(404, { type: 'error', error: { type: 'not_found_error', message: 'gone' } });
    refuse(two.requests[0]!);
    expect(three.requests).toHaveLength(0);
    expect(sink.body.match(/event: error/g)).toHaveLength(1);
    expect(sink.body).not.toContain('message_stop');
    expect(sink.body).not.toContain('gone');
    expect(sink.closed).toBe(true);
    expect(call.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
    expect(rescued).toEqual([['a', 'failed']]);
  });
});

describe('nobody goes on', () => {
  const error = (text: string) => text.match(/"error"/g)?.length ?? 0;

  test('within or behind a tool call', () => {
    const { run } = setUp();
    const [one, two] = [fakeProvider('a', chat), noPrefill('b', chat)];
    const { sink } = run('openai-chat', [one, two]);
    say(one.requests[0]!, chat, [
      START,
      { kind: 'open', index: 0, block: 'tool_call', id: 'call_1', name: 'f' },
      { kind: 'arguments', index: 0, text: '{"a":' },
    ]);
    cut(one.requests[0]!);
    expect([two.requests.length, error(sink.body)]).toEqual([0, 1]);
  });

  test('with more than is kept', () => {
    const { run, rescued } = setUp();
    const [one, two] = [fakeProvider('a', chat), noPrefill('b', chat)];
    const { sink } = run('openai-chat', [one, two]);
    say(one.requests[0]!, chat, begunWith(['x'.repeat(300_000)]));
    cut(one.requests[0]!);
    expect([two.requests.length, error(sink.body)]).toEqual([0, 1]);
    expect(rescued).toEqual([['a', 'failed']]);
  });

  test.each(['error', 'off'] as const)('where the policy is %s', (policy) => {
    const { run, rescued } = setUp();
    const [one, two] = [fakeProvider('a', chat), noPrefill('b', chat)];
    const { sink } = run('openai-chat', [one, two], policy);
    say(one.requests[0]!, chat, begunWith(WORDS));
    cut(one.requests[0]!);
    expect([two.requests.length, error(sink.body), rescued.length]).toEqual([0, 1, 0]);
  });

  test('at the only target, unless its policy says so', () => {
    const { run } = setUp();
    const one = noPrefill('a', chat);
    const plain = run('openai-chat', [one]);
    say(one.requests[0]!, chat, begunWith(WORDS.slice(0, 5)));
    cut(one.requests[0]!);
    expect([one.requests.length, error(plain.sink.body)]).toEqual([1, 1]);
    const stubborn = run('openai-chat', [one], 'resume');
    say(one.requests[1]!, chat, begunWith(WORDS.slice(0, 5)));
    cut(one.requests[1]!);
    say(one.requests[2]!, chat, answerOf(WORDS));
    expect(textIn(stubborn.bytes(), chat)).toBe(WHOLE);
  });
});

describe('reasoning', () => {
  const thought = (words: readonly string[]): Delta[] => [
    { kind: 'open', index: 0, block: 'reasoning' },
    ...words.map((text): Delta => ({ kind: 'text', index: 0, text })),
  ];
  const closed: Delta[] = [
    { kind: 'signature', index: 0, signature: 'c2ln' },
    { kind: 'close', index: 0 },
  ];
  const run = (sent: Delta[], further: Delta[]) => {
    const made = setUp();
    const [one, two] = [fakeProvider('a', messages), noPrefill('b', messages)];
    const running = made.run('anthropic', [one, two]);
    say(one.requests[0]!, messages, [START, ...sent], 'first');
    cut(one.requests[0]!);
    say(two.requests[0]!, messages, [{ ...START, id: 'second' } as Delta, ...further, ...END]);
    return answerIn(running.bytes(), messages).parts;
  };

  test('that was told is not told again in front of the same answer', () => {
    const parts = run(
      [...thought(['hm ', 'so']), ...closed, ...textBlock(WORDS.slice(0, 4), 1).slice(0, -1)],
      [...thought(['other']), ...closed, ...textBlock(WORDS, 1)],
    );
    expect(parts).toMatchObject([
      { kind: 'reasoning', text: 'hm so', signature: 'c2ln' },
      { kind: 'text', text: WHOLE },
    ]);
  });

  test('that breaks off is gone on with where it is the same, with its proof', () => {
    const parts = run(thought(['hm ']), [...thought(['hm ', 'so']), ...closed, ...textBlock(WORDS, 1)]);
    expect(parts).toMatchObject([
      { kind: 'reasoning', text: 'hm so', signature: 'c2ln' },
      { kind: 'text', text: WHOLE },
    ]);
  });

  test('that breaks off and is another stands in a block of its own', () => {
    const parts = run(thought(['hm ']), [...thought(['well ', 'so']), ...closed, ...textBlock(WORDS, 1)]);
    expect(parts).toMatchObject([
      { kind: 'reasoning', text: 'hm ', signature: null },
      { kind: 'reasoning', text: 'well so', signature: 'c2ln' },
      { kind: 'text', text: WHOLE },
    ]);
  });
});

describe('a stream that stands still', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const patient = {
    timeouts: { connectMs: 0, headersMs: 0, firstTokenMs: 0, betweenTokensMs: 0, totalMs: 0 },
  };

  test('is gone on with before its own clock runs out', async () => {
    const { run, pass } = setUp();
    const [one, two] = [fakeProvider('a', chat, patient), noPrefill('b', chat)];
    const { bytes } = run('openai-chat', [one, two]);
    say(one.requests[0]!, chat, begunWith(WORDS.slice(0, 3)), 'first');
    await pass(19_000);
    expect(two.requests).toHaveLength(0);
    await pass(1_100);
    expect(one.requests[0]!.aborted).toBe(true);
    say(two.requests[0]!, chat, answerOf(WORDS));
    expect(textIn(bytes(), chat)).toBe(WHOLE);
  });

  test('is waited for where nobody can go on with it', async () => {
    const { run, pass } = setUp();
    const [one, two] = [fakeProvider('a', chat, patient), noPrefill('b', chat)];
    const { call } = run('openai-chat', [one, two]);
    say(one.requests[0]!, chat, [
      START,
      { kind: 'open', index: 0, block: 'tool_call', id: 'call_1', name: 'f' },
    ]);
    await pass(200_000);
    expect([two.requests.length, call.settled]).toEqual([0, false]);
    call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
  });

  test('ends in an error event where the policy is error', async () => {
    const { run, pass } = setUp();
    const one = fakeProvider('a', chat, patient);
    const { call } = run('openai-chat', [one], 'error');
    say(one.requests[0]!, chat, begunWith(WORDS.slice(0, 3)), 'first');
    await pass(20_100);
    expect(call.error?.code).toBe('GW_UPSTREAM_TIMEOUT_IDLE');
  });
});

test('a list of Gemini’s is gone on with as one list', () => {
  const { run } = setUp();
  const gemini = dialectByName('gemini');
  const [one, two] = [fakeProvider('a', gemini), noPrefill('b', chat)];
  const { bytes } = run('gemini', [one, two], undefined, '');
  say(one.requests[0]!, gemini, begunWith(WORDS.slice(0, 7)), 'first');
  cut(one.requests[0]!);
  say(two.requests[0]!, chat, answerOf(WORDS));
  const list = JSON.parse(bytes().toString()) as {
    candidates: { content: { parts: { text: string }[] } }[];
  }[];
  expect(list.map(({ candidates }) => candidates[0]!.content.parts[0]!.text).join('')).toBe(WHOLE);
});

describe('a stream in which placeholders become values of the request again', () => {
  const VALUES = ['ada@example.com', 'ada@example.com.au', 'Ada [Lovelace]', '+49 170 1234567'];
  const NAMES = ['EMAIL', 'EMAIL', 'PERSON', 'PHONE'];

  function guarded() {
    const placeholders = new Placeholders(Buffer.alloc(32, 1), 'me');
    const names = VALUES.map((value, at) => placeholders.of(NAMES[at]!, value));
    const run = new GuardRun({ guards: [], placeholders, schema: null });
    const guard = new AnswerGuard(
      '',
      run,
      {
        ask: () => Promise.reject(new Error('nobody is asked')),
        clocks: { now: () => 0, watch: () => undefined, unwatch: () => undefined },
        over: () => false,
      },
      (sink) => sink,
    );
    const arrange = (call: Call): void => {
      call.guard = guard;
      call.filters = [guard.filter!];
    };
    return { names, arrange };
  }

  /** Text in pieces of these lengths, in turn. */
  function cutUp(text: string, lengths: readonly number[]): string[] {
    const pieces: string[] = [];
    for (let at = 0; at < text.length; ) {
      const size = 1 + (lengths[pieces.length % lengths.length]! % 12);
      pieces.push(text.slice(at, at + size));
      at += size;
    }
    return pieces;
  }

  const piece = fc.oneof(
    fc.nat(3).map((at) => ({ value: at })),
    fc.constantFrom('to ', 'is [', '] at ', 'é😀 ', '[EMAIL_', 'and ').map((text) => ({ text })),
  );
  const lengths = fc.array(fc.nat(11), { minLength: 1, maxLength: 6 });

  test.each(['prefill', 'restart'] as const)(
    'is told whole (%s), wherever it is cut and broken, and no provider sees a value',
    (manner) => {
      fc.assert(
        fc.property(
          fc.array(piece, { minLength: 2, maxLength: 12 }),
          lengths,
          lengths,
          fc.double({ min: 0.1, max: 1, noNaN: true }),
          fc.constantFrom<DialectName>('openai-chat', 'anthropic', 'openai-responses'),
          (pieces, firstCuts, secondCuts, part, clientName) => {
            const { names, arrange } = guarded();
            const { run } = setUp();
            const join = (of: readonly string[]): string =>
              `word ${pieces.map((one) => ('value' in one ? `${of[one.value]} ` : one.text)).join('')}the end.`;
            const [said, restored] = [join(names), join(VALUES)];
            const client = dialectByName(clientName);
            const one = fakeProvider('a', client);
            const two = withPrefill('b', messages, manner === 'prefill');
            const { bytes, call } = run(
              clientName,
              [one, two],
              undefined,
              'alt=sse',
              bodyFor(clientName),
              arrange,
            );
            const words = cutUp(said, firstCuts);
            say(one.requests[0]!, client, begunWith(words.slice(0, Math.ceil(words.length * part))), 'first');
            const had = textSoFar(bytes(), client);
            cut(one.requests[0]!);
            const asked = two.requests[0]!;
            for (const value of VALUES) expect(asked.sent.toString()).not.toContain(value);
            // Nothing but what was held back may have been said: then the call is as it was.
            const goesOn = manner === 'prefill' && had.trim() !== '';
            const rest = goesOn ? join(names).slice(wordsOf(had.trimEnd(), names).length) : said;
            say(asked, messages, answerOf(cutUp(rest, secondCuts)));
            asked.end();
            expect(restored.startsWith(had)).toBe(true);
            expect(textIn(bytes(), client)).toBe(restored);
            expect(call.error).toBeNull();
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  /** Of a stream that has not ended. */
  function textSoFar(bytes: Buffer, client: Dialect): string {
    const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true };
    return readPosition(bytes, client, client.chat.framing, context)!.text;
  }

  /** As the model had said it. */
  function wordsOf(text: string, names: readonly string[]): string {
    let words = text;
    // The longer address begins as the shorter one does.
    for (const at of [1, 0, 2, 3]) words = words.replaceAll(VALUES[at]!, names[at]!);
    return words;
  }
});
