import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { ToolMemory } from '../../contracts/body.ts';
import type { CreateDeltaFilter, Flow } from '../../contracts/call.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { estimateTokens } from '../../tokens/estimate.ts';
import { createEventRoom } from '../../upstream/event-room.ts';
import { ByteRelay } from './byte-relay.ts';
import { answerContext, openRelay } from './open-relay.ts';
import { quietOut } from './quiet-out.fixture.ts';
import { TranslateRelay } from './translate-relay.ts';

const openai = dialectByName('openai-chat');
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const DONE = 'data: [DONE]\n\n';

interface Options {
  filters?: readonly CreateDeltaFilter[];
  tools?: ToolMemory | null;
  body?: object;
  maxEventBytes?: number;
  /** By whose name it is asked. */
  prefix?: string;
  /** Whose the target is. */
  vendor?: string;
}

function setUp(client: DialectName, { filters = [], tools = null, body = {}, ...rest }: Options = {}) {
  const { prefix, vendor } = rest;
  const { target } = fakeProvider('p', openai, vendor === undefined ? {} : { vendor });
  const flow: Flow = { stages: [], sinks: [], filters };
  const asked = { model: 'public', stream: true, messages: [{ role: 'user', content: 'hi' }], ...body };
  const { call } = fakeCall(client, asked, [], {}, 'chat', flow);
  call.translated = client !== 'openai-chat';
  Object.assign(call, { prefix: prefix ?? null });
  Object.assign(call.snapshot.config, { providers: [] });
  call.snapshot.config.server.maxEventBytes = rest.maxEventBytes ?? 1 << 20;
  const written: string[] = [];
  const relay = openRelay(
    call,
    dialectByName(client),
    target,
    tools,
    quietOut((bytes) => void written.push(bytes.toString())),
    7_999,
    createEventRoom(1 << 20),
  );
  const push = (...chunks: string[]): string => {
    for (const text of chunks) relay.data(Buffer.from(text));
    return written.join('');
  };
  return { call, target, relay, push };
}

const shout: CreateDeltaFilter = () => ({
  take: (delta, out) => out(delta.kind === 'text' ? { ...delta, text: delta.text.toUpperCase() } : delta),
  end() {},
});

describe('a stream', () => {
  test('to a client of its dialect goes through as bytes', () => {
    const { relay, push } = setUp('openai-chat');
    expect(relay).toBeInstanceOf(ByteRelay);
    const odd = ': x\n\n'.concat(chunk({ content: 'hi' }));
    expect(push(odd)).toBe(odd);
  });

  test('to a client of another is translated', () => {
    const { relay, push } = setUp('anthropic');
    expect(relay).toBeInstanceOf(TranslateRelay);
    const text = push(chunk({ content: 'hi' }), chunk({}, 'stop'), DONE);
    expect(text).toContain('event: content_block_delta');
    expect(text).toContain('event: message_stop');
  });

  test.each(['openai-chat', 'anthropic'] as const)(
    'to a %s client with a filter goes through it',
    (client) => {
      const { relay, push } = setUp(client, { filters: [shout] });
      expect(relay).toBeInstanceOf(TranslateRelay);
      const text = push(chunk({ content: 'hi' }), chunk({}, 'stop'), DONE);
      expect(text).toContain('"HI"');
      expect(text).not.toContain('"hi"');
    },
  );

  test('of several answers to one request in its own dialect is read whole by a filter', () => {
    const { push } = setUp('openai-chat', { filters: [shout], body: { n: 2 } });
    const to = (index: number, delta: object, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: 'c', choices: [{ index, delta, finish_reason: finish }] })}\n\n`;
    const text = push(
      to(0, { content: 'a' }),
      to(1, { content: 'b' }),
      to(1, {}, 'length'),
      to(0, {}, 'stop'),
      DONE,
    );
    const said = text
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'))
      .flatMap((event) => JSON.parse(event.slice(6)).choices as { index: number; delta: object }[]);
    expect(said).toContainEqual(expect.objectContaining({ index: 0, delta: { content: 'A' } }));
    expect(said).toContainEqual(expect.objectContaining({ index: 1, delta: { content: 'B' } }));
    expect(said).toContainEqual(expect.objectContaining({ index: 1, finish_reason: 'length' }));
    expect(text.endsWith(DONE)).toBe(true);
  });

  // Its model takes no stop sequences: they are taken out of the request, and looked for here.
  test.each([
    ['openai-chat', '"finish_reason":"stop"'],
    ['anthropic', '"stop_reason":"stop_sequence","stop_sequence":"END"'],
  ] as const)('to a %s client ends at a stop sequence that its upstream was not told', (client, said) => {
    const { relay, push } = setUp(client, { tools: { custom: [], renamed: {}, stops: ['END'] } });
    const text = push(
      chunk({ content: 'one E' }),
      chunk({ content: 'ND two' }),
      chunk({ content: ' three' }),
    );
    expect([text.includes('one '), text.includes('two'), text.includes('three')]).toEqual([
      true,
      false,
      false,
    ]);
    // Nobody has to wait for the rest but for its usage.
    expect([relay.complete, relay.finished]).toEqual([true, false]);
    const usage = { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12 };
    const tail = `data: ${JSON.stringify({ id: 'c', choices: [], usage })}\n\n`;
    expect(push(chunk({}, 'length'), tail, DONE)).toContain(said);
    expect(relay.finished).toBe(true);
    expect(relay.facts).toMatchObject({ stop: 'stop_sequence', usage: { input: 3, output: 9 } });
  });

  test('calls tools by the names its client has for them, in the filters’ words as in the client’s', () => {
    const heard: string[] = [];
    const listen: CreateDeltaFilter = () => ({
      take(delta, out) {
        if (delta.kind === 'open' && delta.block === 'tool_call') heard.push(delta.name);
        out(delta);
      },
      end() {},
    });
    const { push } = setUp('anthropic', {
      filters: [listen],
      tools: { custom: [], renamed: { short: 'a.long.name' } },
    });
    const call = {
      index: 0,
      id: 'call_1',
      type: 'function',
      function: { name: 'short', arguments: '{}' },
    };
    const text = push(chunk({ tool_calls: [call] }), chunk({}, 'tool_calls'), DONE);
    expect(text).toContain('"name":"a.long.name"');
    expect(heard).toEqual(['a.long.name']);
  });

  test('may hold no event larger than is configured', () => {
    const { push } = setUp('openai-chat', { maxEventBytes: 64 });
    expect(() => push(chunk({ content: 'x'.repeat(100) }))).toThrow(
      expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }),
    );
  });
});

describe('a stream below a vendor’s name', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12 };
  const tail = `data: ${JSON.stringify({ id: 'c', choices: [], usage })}\n\n`;
  const stopped = (more: object): string =>
    chunk({}, 'stop').replace('}\n\n', `,${JSON.stringify(more).slice(1)}\n\n`);

  test('tells the usage where that vendor’s clients look for it, whoever answers', () => {
    const { relay, push } = setUp('openai-chat', { prefix: 'cerebras', vendor: 'openai' });
    expect(relay).toBeInstanceOf(ByteRelay);
    const said = push(chunk({ content: 'hi' }), chunk({}, 'stop'), tail, DONE);
    expect(said).toBe(chunk({ content: 'hi' }) + stopped({ usage }) + DONE);
    expect(relay.finished).toBe(true);
  });

  test('tells it in a chunk of its own where the client asks for that', () => {
    const body = { stream_options: { include_usage: true } };
    const { push } = setUp('openai-chat', { prefix: 'groq', body });
    const events = [chunk({ content: 'hi' }), chunk({}, 'stop'), tail, DONE];
    expect(push(...events)).toBe(events.join(''));
  });

  test('has whole calls of tools, read from another’s and not from its own', () => {
    const [first, more] = [
      { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '' } },
      { index: 0, function: { arguments: '{"at":1}' } },
    ];
    const events = [
      chunk({ tool_calls: [first] }),
      chunk({ tool_calls: [more] }),
      chunk({}, 'tool_calls'),
      tail,
      DONE,
    ];
    const other = setUp('openai-chat', { prefix: 'mistral', vendor: 'openai' });
    expect(other.relay).toBeInstanceOf(TranslateRelay);
    const said = other.push(...events);
    expect(said.match(/"tool_calls":\[.*?\]/g)).toEqual([
      `"tool_calls":[${JSON.stringify({ ...first, function: { name: 'look', arguments: '{"at":1}' } })}]`,
    ]);
    expect(said).toMatch(/"finish_reason":"tool_calls"\}\],"usage":\{"prompt_tokens":3,/);
    const own = setUp('openai-chat', { prefix: 'mistral', vendor: 'mistral' });
    expect(own.relay).toBeInstanceOf(ByteRelay);
    const whole = [
      chunk({ tool_calls: [{ ...first, function: { name: 'look', arguments: '{}' } }] }),
      stopped({ usage }),
      DONE,
    ];
    expect(own.push(...whole)).toBe(whole.join(''));
  });
});

describe('an answer written anew', () => {
  test('says the call’s id, the upstream’s model, the second and what its prompt is about', () => {
    const { call, target } = setUp('anthropic');
    expect(answerContext(call, target, 7_999, null)).toEqual({
      requestId: 'req_test',
      template: '/v1/x',
      model: 'm',
      now: 7,
      includeUsage: false,
      promptEstimate: estimateTokens(call.facts!.promptBytes),
      toolIds: [],
    });
  });

  test('says what it used where its client streams and asked for it, or does not stream', () => {
    const usageOf = (body: object): boolean => {
      const { call, target } = setUp('openai-chat', { body });
      return answerContext(call, target, 0, null).includeUsage;
    };
    expect(usageOf({})).toBe(false);
    expect(usageOf({ stream_options: { include_usage: true } })).toBe(true);
    expect(usageOf({ stream: false })).toBe(true);
  });

  test('repeats no id of a tool call that the conversation holds', () => {
    const { call, target } = setUp('anthropic');
    const tools = { custom: [], renamed: {}, ids: ['call_1'] };
    expect(answerContext(call, target, 0, tools).toolIds).toEqual(['call_1']);
  });
});
