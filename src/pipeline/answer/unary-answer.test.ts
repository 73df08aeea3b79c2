import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { ToolMemory } from '../../contracts/body.ts';
import type { CreateDeltaFilter, Flow } from '../../contracts/call.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { deliverAnswer } from './unary-answer.ts';

const openai = dialectByName('openai-chat');
const answer = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'm-2',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'a', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const events = Buffer.from(`${chunk({ content: 'hello' })}${chunk({}, 'stop')}data: [DONE]\n\n`);

interface Options {
  client?: DialectName;
  stream?: boolean;
  filters?: readonly CreateDeltaFilter[];
  tools?: ToolMemory | null;
}

function deliver(body: Buffer, options: Options = {}) {
  const { client = 'openai-chat', stream = false, filters = [], tools = null } = options;
  const { target } = fakeProvider('p', openai);
  const flow: Flow = { stages: [], sinks: [], filters };
  const { call } = fakeCall(client, { model: 'm', stream, messages: [] }, [], {}, 'chat', flow);
  call.translated = client !== 'openai-chat';
  const { body: out, ...rest } = deliverAnswer(call, dialectByName(client), target, tools, body, 5_000);
  return { ...rest, body: out, text: out.toString() };
}

describe('a whole answer', () => {
  test('goes to a client of its dialect as the bytes it came in, read for what it used', () => {
    const body = Buffer.from(` ${JSON.stringify(answer)}\n`);
    const made = deliver(body);
    expect(made.body).toBe(body);
    expect(made.contentType).toBe('application/json');
    expect(made.facts).toMatchObject({ usage: { input: 3, output: 1 }, model: 'm-2', stop: 'end' });
  });

  test('goes to a client of another dialect in that', () => {
    const { text, facts } = deliver(bytes(answer), { client: 'anthropic' });
    expect(JSON.parse(text)).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: 'hello' }],
      usage: { input_tokens: 3, output_tokens: 1 },
    });
    expect(facts?.usage).toMatchObject({ input: 3, output: 1 });
  });

  test.each([
    ['openai-chat', 'data: [DONE]'],
    ['anthropic', 'event: message_stop'],
  ] as const)('goes to a %s client that asked for a stream as one', (client, last) => {
    const { text, contentType } = deliver(bytes(answer), { client, stream: true });
    expect(contentType).toBe(dialectByName(client).chat.framing.contentType);
    expect(text).toContain('"hello"');
    expect(text).toContain(last);
  });

  test('says once what it was asked, where it is read and written anew', () => {
    const { target } = fakeProvider('p', openai);
    const flow: Flow = {
      stages: [],
      sinks: [],
      filters: [() => ({ take: (delta, out) => out(delta), end() {} })],
    };
    const asked = { model: 'm', prompt: 'Q: ', echo: true };
    const { call } = fakeCall('openai-chat', asked, [], {}, 'completion', flow);
    const body = bytes({ id: 'a', choices: [{ index: 0, text: 'Q: hi', finish_reason: 'stop' }] });
    const made = deliverAnswer(call, openai, { ...target, operation: 'completion' }, null, body, 5_000);
    expect(JSON.parse(made.body.toString())).toMatchObject({ choices: [{ text: 'Q: hi' }] });
  });

  test('goes through the filters, in its own dialect too', () => {
    const shout: CreateDeltaFilter = () => ({
      take: (delta, out) => out(delta.kind === 'text' ? { ...delta, text: delta.text.toUpperCase() } : delta),
      end() {},
    });
    const { text, facts } = deliver(bytes(answer), { filters: [shout] });
    expect(JSON.parse(text).choices[0].message.content).toBe('HELLO');
    expect(facts?.usage).toMatchObject({ input: 3, output: 1 });
  });

  test('calls tools by the names its client has for them', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'short', arguments: '{"n":1}' } };
    const message = { role: 'assistant', content: null, tool_calls: [call] };
    const asking = { ...answer, choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
    const tools = { custom: [], renamed: { short: 'a.long.name' } };
    const { text } = deliver(bytes(asking), { client: 'anthropic', tools });
    expect(JSON.parse(text).content[0]).toMatchObject({ type: 'tool_use', name: 'a.long.name' });
  });

  test.each([
    ['openai-chat', false],
    ['openai-chat', true],
    ['anthropic', false],
    ['anthropic', true],
  ] as const)(
    'to %s ends at a stop sequence that its upstream was not told (came as events: %s)',
    (client, streamed) => {
      const tools = { custom: [], renamed: {}, stops: ['ll'] };
      const { text, facts } = deliver(streamed ? events : bytes(answer), { client, tools });
      expect(text).toContain('"he"');
      expect(text).not.toContain('hello');
      expect(facts?.stop).toBe('stop_sequence');
      if (client === 'anthropic') expect(JSON.parse(text)).toMatchObject({ stop_sequence: 'll' });
    },
  );

  test('that comes to none of them goes on as the bytes it came in, with all that its provider says', () => {
    const body = bytes({ ...answer, service_tier: 'default', system_fingerprint: 'fp_1' });
    const made = deliver(body, { tools: { custom: [], renamed: {}, stops: ['END'] } });
    expect(made.body).toBe(body);
    expect(made.facts).toMatchObject({ usage: { input: 3, output: 1 }, stop: 'end' });
  });

  test('larger than a megabyte is read for what it used all the same', () => {
    const content = 'x'.repeat(1_100_000);
    const large = { ...answer, choices: [{ ...answer.choices[0], message: { role: 'assistant', content } }] };
    const body = bytes(large);
    const made = deliver(body);
    expect(made.body).toBe(body);
    expect(made.facts?.usage).toMatchObject({ input: 3, output: 1 });
    expect(JSON.parse(deliver(body, { client: 'anthropic' }).text).content[0].text).toBe(content);
  });

  test('that came as events, unasked, is whole for its client', () => {
    const { text, contentType, facts } = deliver(events);
    expect(contentType).toBe('application/json');
    expect(JSON.parse(text).choices[0].message.content).toBe('hello');
    expect(facts?.stop).toBe('end');
  });
});

describe('an answer that is none', () => {
  test.each([
    ['broken JSON', '{"choices":['],
    ['a page', '<html>'],
    ['a list', '[]'],
    ['a word', '"hello"'],
    ['null', 'null'],
    ['nothing', ''],
    ['an object of something else', '{"hello":1}'],
  ])('is refused for every client: %s', (_, text) => {
    for (const client of ['openai-chat', 'anthropic'] as const)
      expect(() => deliver(Buffer.from(text), { client })).toThrow(
        expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }),
      );
  });

  test('that is an error behind a 200 is that error', () => {
    const error = bytes({ error: { message: 'overloaded', type: 'server_error', code: 503 } });
    for (const client of ['openai-chat', 'anthropic'] as const)
      expect(() => deliver(error, { client })).toThrow(
        expect.objectContaining({ fault: expect.objectContaining({ message: 'overloaded' }) }),
      );
  });

  test('that breaks off in its events is cut', () => {
    expect(() => deliver(events.subarray(0, 60))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^GW_UPSTREAM_(TRUNCATED|BAD_OUTPUT)$/) }),
    );
  });
});
