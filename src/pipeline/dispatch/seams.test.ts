// What may stand around an answer: a recorder of its bytes, a filter of its meaning.
import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { CreateDeltaFilter, Flow, SinkDecorator } from '../../contracts/call.ts';
import type { Delta } from '../../contracts/chat.ts';
import type { DeltaFilter, DeltaOut } from '../../contracts/delta-filter.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Sink } from '../../contracts/sink.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const retries = { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 };
const openai = dialectByName('openai-chat');
const chunk = (delta: object, finish: string | null = null) => ({
  id: 'a',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const answer = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'the secret is out' }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};

/** Replaces a word however it is cut: what may be the beginning of one is held back. */
class Replace implements DeltaFilter {
  #held = '';
  #index = 0;

  take(delta: Delta, out: DeltaOut): void {
    if (delta.kind === 'text') {
      this.#index = delta.index;
      const text = (this.#held + delta.text).replaceAll('secret', '[…]');
      let keep = Math.min(text.length, 'secret'.length - 1);
      while (keep > 0 && !'secret'.startsWith(text.slice(text.length - keep))) keep--;
      this.#held = text.slice(text.length - keep);
      if (text.length > keep) out({ ...delta, text: text.slice(0, text.length - keep) });
      return;
    }
    if (delta.kind === 'close') this.end(out);
    out(delta);
  }

  end(out: DeltaOut): void {
    if (this.#held !== '') out({ kind: 'text', index: this.#index, text: this.#held });
    this.#held = '';
  }
}

const replace: CreateDeltaFilter = () => new Replace();

function run(client: DialectName, stream: boolean, around: Partial<Flow>, fallback = false) {
  const clocks = createClocks({ now: () => 1, wall: () => 0 });
  const dispatch = quietDispatch(clocks, []);
  const providers = (fallback ? ['p', 'q'] : ['p']).map((name) => fakeProvider(name, openai, { retries }));
  const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], stream };
  const flow: Flow = { stages: [dispatch], sinks: [], filters: [], ...around };
  const { call, sink } = fakeCall(client, body, providers, {}, 'chat', flow);
  void dispatch(call);
  clocks.close();
  return { call, sink, upstream: providers[0]!.requests[0]!, next: providers[1]?.requests };
}

describe.each(['openai-chat', 'anthropic'] as const)('a filter, client of %s', (client) => {
  test('sees a streamed answer as deltas and changes a word that is cut in pieces', () => {
    const { sink, upstream, call } = run(client, true, { filters: [replace] });
    upstream.stream().send(chunk({ role: 'assistant', content: '' }));
    for (const content of ['the se', 'c', 'ret is', ' a sec']) upstream.send(chunk({ content }));
    upstream.send(chunk({}, 'stop'), { ...chunk({}), choices: [], usage: answer.usage }, '[DONE]').end();
    const said = [...sink.body.matchAll(/"(?:content|text)":"((?:[^"\\]|\\.)*)"/g)].map((found) => found[1]);
    expect(said.join('')).toBe('the […] is a sec');
    expect(sink.body).not.toContain('secret');
    expect(sink.body).toContain(client === 'anthropic' ? 'event: message_stop' : 'data: [DONE]');
    expect(call.usage).toMatchObject({ input: 3, output: 1 });
    expect(call.settled).toBe(true);
  });

  test.each([false, true])('changes a whole answer, told as a stream: %s', (stream) => {
    const { sink, upstream, call } = run(client, stream, { filters: [replace] });
    upstream.json(200, answer);
    expect(sink.body).toContain('[…]');
    expect(sink.body).not.toContain('secret');
    expect(call.usage).toMatchObject({ input: 3, output: 1 });
  });

  test('that throws ends a stream with an error event', () => {
    const refuse: CreateDeltaFilter = () => ({
      take(delta, out) {
        if (delta.kind === 'text' && delta.text === 'bad') throw new GatewayError('GW_GATEWAY_INTERNAL');
        out(delta);
      },
      end() {},
    });
    const { sink, upstream, call } = run(client, true, { filters: [refuse] });
    upstream.stream().send(chunk({ content: 'good' }), chunk({ content: 'bad' }));
    expect(sink.body).toContain('good');
    expect(sink.body).not.toContain('"bad"');
    expect(sink.body).toContain('"error"');
    expect(call.error?.code).toBe('GW_GATEWAY_INTERNAL');
  });
});

test('filters stand in a row: the second gets what the first let go, its last words too', () => {
  const shout: CreateDeltaFilter = () => ({
    take: (delta, out) => out(delta.kind === 'text' ? { ...delta, text: delta.text.toUpperCase() } : delta),
    end() {},
  });
  const { sink, upstream } = run('openai-chat', false, { filters: [replace, shout] });
  const { choices } = answer;
  upstream.json(200, {
    ...answer,
    choices: [{ ...choices[0], message: { role: 'assistant', content: 'a secret s' } }],
  });
  expect(JSON.parse(sink.body).choices[0].message.content).toBe('A […] S');
});

test('each answer of a call gets a filter of its own', () => {
  let made = 0;
  const counting: CreateDeltaFilter = (call) => {
    made++;
    return replace(call);
  };
  const { sink, upstream, next } = run('openai-chat', true, { filters: [counting] }, true);
  upstream.stream().send({ error: { message: 'overloaded', type: 'server_error', code: 503 } });
  expect(sink.body).toBe('');
  next![0]!.stream().send(chunk({ content: 'se' }), chunk({ content: 'cret' }), chunk({}, 'stop'), '[DONE]');
  expect(made).toBe(2);
  expect(sink.body).toContain('[…]');
});

describe('a decorator of the sink', () => {
  /** Tells what goes through it. */
  const record =
    (heard: string[], name: string): SinkDecorator =>
    (sink) =>
      new Proxy(sink, {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown;
          if (typeof value !== 'function') return value;
          return (...input: unknown[]) => {
            heard.push(`${name} ${String(key)}`);
            return Reflect.apply(value, target, input) as unknown;
          };
        },
        set: (target, key, value) => Reflect.set(target, key, value),
      }) satisfies Sink;

  test('sees every byte of a stream in order, the last one first', () => {
    const heard: string[] = [];
    const { sink, upstream } = run('openai-chat', true, { sinks: [record(heard, 'a'), record(heard, 'b')] });
    const events = [chunk({ content: 'x' }), chunk({}, 'stop')];
    upstream
      .stream()
      .send(...events, '[DONE]')
      .end();
    const both = (verb: string): string[] => [`b ${verb}`, `a ${verb}`];
    expect(heard).toEqual(['start', 'chunk', 'chunk', 'chunk', 'end'].flatMap(both));
    expect(sink.body).toBe(
      [...events.map((e) => JSON.stringify(e)), '[DONE]'].map((d) => `data: ${d}\n\n`).join(''),
    );
  });

  test('sees a whole answer, and a refusal', () => {
    for (const status of [200, 400]) {
      const heard: string[] = [];
      const { upstream } = run('openai-chat', false, { sinks: [record(heard, 'a')] });
      upstream.json(status, status === 200 ? answer : { error: { message: 'no' } });
      expect(heard).toEqual(['a reply']);
    }
  });

  test('is asked once; without any the sink itself is the call’s', () => {
    let asked = 0;
    const { call, sink } = run('openai-chat', false, {
      sinks: [
        (inner, of) => {
          asked++;
          expect(of.id).toBe('req_test');
          return inner;
        },
      ],
    });
    expect([asked, call.sink === sink]).toEqual([1, true]);
    const plain = run('openai-chat', false, {});
    expect(plain.call.sink).toBe(plain.sink);
  });
});
