// `onDelta` of plugins that take their time: modules in a thread and servers, on whole answers and streams, as those in process.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FakeProvider, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { DeltaEvent } from '../contracts/plugin.ts';
import type { PluginConfig } from '../contracts/plugin-config.ts';
import { dialectByName } from '../registry/dialects.ts';
import { answer, chunk, events } from './cache.fixture.ts';
import { pluginGateway, pluginOf, writePlugin } from './plugins.fixture.ts';
import type { Plugins } from './plugins.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-deltas-'));
const MASK = path.resolve(import.meta.dirname, '../../docs/examples/plugins/mask-words.ts');
const running: Plugins[] = [];
const servers: Server[] = [];
let provider: FakeProvider;

beforeEach(() => {
  const retries = { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 };
  provider = fakeProvider('p', dialectByName('openai-chat'), { retries });
});
afterEach(() => {
  vi.useRealTimers();
  for (const plugins of running.splice(0)) plugins.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function gateway(...configs: PluginConfig[]) {
  return gatewayTo(() => [provider], ...configs);
}

function gatewayTo(providers: () => FakeProvider[], ...configs: PluginConfig[]) {
  const made = pluginGateway(providers, configs);
  running.push(made.plugins);
  return made;
}

/** A plugin that runs elsewhere than its calls. */
const threaded = (hooks: string, more: Partial<PluginConfig> = {}) =>
  pluginOf(writePlugin(folder, hooks), { mode: 'thread', timeoutMs: 20_000, ...more });

/** A server that says `decide` of each event, once `gate` lets it. */
async function serverOf(
  decide: (event: DeltaEvent, nth: number) => unknown,
  gate: (nth: number) => Promise<void> = () => Promise.resolve(),
  more: Partial<PluginConfig> = {},
) {
  const heard: DeltaEvent[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { event } = JSON.parse(body) as { event: DeltaEvent };
      const nth = heard.push(event);
      void gate(nth).then(() => response.end(JSON.stringify(decide(event, nth))));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = pluginOf(null, { mode: 'http', url, hooks: ['onDelta'], timeoutMs: 20_000, ...more });
  return { heard, config };
}

const chat = (more: object = {}) => ({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...more });
const streamed = chat({ stream: true, stream_options: { include_usage: true } });
const asked = () => vi.waitFor(() => provider.requests.at(-1) ?? expect.fail('nobody asked yet'), 20_000);
const settled = (call: Call) => vi.waitFor(() => expect(call.settled).toBe(true), 20_000);
const saidIn = (body: string, choice = 0): string =>
  events(body)
    .flatMap(({ choices = [] }) => choices as { index: number; delta?: { content?: string } }[])
    .filter(({ index }) => index === choice)
    .map(({ delta }) => delta?.content ?? '')
    .join('');
const usage = {
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

describe('a plugin elsewhere, on what is said', () => {
  it('changes a whole answer', async () => {
    const { config, heard } = await serverOf(({ text }) => ({ text: text.toUpperCase() }));
    const { ask } = gateway(config);
    const { call, sink } = ask(chat());
    (await asked()).json(200, answer());
    await settled(call);
    expect(JSON.parse(sink.body)).toMatchObject({
      choices: [{ message: { content: 'A GATE.' }, finish_reason: 'stop' }],
      usage: { total_tokens: 5 },
    });
    expect(heard.map(({ text, last, kind, block }) => [kind, block, text, last])).toEqual([
      ['text', 0, 'A gate.', false],
      ['text', 0, '', true],
    ]);
    expect(heard[0]!.call).toMatchObject({ id: call.id, key: 'app', model: 'm' });
  });

  it('is asked once about all that was said meanwhile, and what stood before goes on at once', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const { config, heard } = await serverOf(
      ({ text, last }) => (last ? { text: '!' } : { text: text.toUpperCase() }),
      (nth) => (nth === 1 ? opened : Promise.resolve()),
    );
    const { ask } = gateway(config);
    const { call, sink } = ask(streamed);
    const request = (await asked()).stream();
    request.send(chunk({ role: 'assistant', content: '' }), chunk({ content: 'one ' }));
    await vi.waitFor(() => expect(heard).toHaveLength(1), 20_000);
    const words = ['two ', 'three ', 'four'];
    request.send(...words.map((content) => chunk({ content })), chunk({}, 'stop'), usage, '[DONE]');
    request.end();
    // Its upstream is done; its client has nothing that was not looked at, and the call is not over.
    expect(saidIn(sink.body)).toBe('');
    expect(call.settled).toBe(false);
    open();
    await settled(call);
    expect(saidIn(sink.body)).toBe('ONE TWO THREE FOUR!');
    expect(heard.map(({ text }) => text)).toEqual(['one ', 'two three four', '']);
    expect(events(sink.body).map(({ choices }) => choices[0]?.finish_reason)).toContain('stop');
    expect(events(sink.body).at(-1)).toMatchObject({ usage: { total_tokens: 5 } });
    expect(sink.body.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(call).toMatchObject({ status: 200, error: null, usage: { input: 3, output: 2 }, stop: 'end' });
    expect(provider.seats()).toBe(0);
  });

  it('lets an answer that it leaves alone go on as it came, in another dialect too', async () => {
    const { config } = await serverOf(() => ({}));
    const { ask } = gateway(config);
    const { call, sink } = ask(
      { ...streamed, stream_options: undefined, max_tokens: 9 },
      { dialect: 'anthropic' },
    );
    (await asked())
      .stream()
      .send(chunk({ content: 'a ' }), chunk({ content: 'gate' }), chunk({}, 'stop'), usage, '[DONE]')
      .end();
    await settled(call);
    expect(sink.body).toContain('message_start');
    expect(sink.body.match(/"text":"(?:a |gate)"/g)).toHaveLength(2);
    expect(sink.body.trimEnd().endsWith('{"type":"message_stop"}')).toBe(true);
  });

  it('keeps choices and calls of tools apart', async () => {
    const { config } = await serverOf(({ text, choice, kind }) => ({
      text: text === '' ? '' : `${kind[0]}${choice}${text}`,
    }));
    const { ask } = gateway(config);
    const { call, sink } = ask(chat({ stream: true, n: 2 }));
    const to = (index: number, delta: object, finish: string | null = null) => ({
      ...chunk({}),
      choices: [{ index, delta, finish_reason: finish }],
    });
    const tool = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
    (await asked())
      .stream()
      .send(to(0, { content: 'a' }), to(1, { content: 'b' }), to(1, { tool_calls: [tool] }))
      .send(to(0, {}, 'stop'), to(1, {}, 'tool_calls'), '[DONE]')
      .end();
    await settled(call);
    expect(saidIn(sink.body, 0)).toBe('t0a');
    expect(saidIn(sink.body, 1)).toBe('t1b');
    expect(sink.body).toContain('"arguments":"a1{}"');
    const ends = events(sink.body).flatMap(
      ({ choices }) => choices as { index: number; finish_reason?: string }[],
    );
    expect(ends.filter((one) => one.finish_reason).map((one) => [one.index, one.finish_reason])).toEqual([
      [0, 'stop'],
      [1, 'tool_calls'],
    ]);
  });

  it('stands in its place among the others, whichever way they run', async () => {
    const adds = (letter: string) => `onDelta({ text, last }) { return last ? text + '${letter}' : text }`;
    const { config } = await serverOf(({ text, last }) => ({ text: last ? `${text}c` : text }));
    const { ask } = gateway(
      pluginOf(writePlugin(folder, adds('a'))),
      threaded(adds('b')),
      config,
      pluginOf(writePlugin(folder, adds('d'))),
    );
    const { call, sink } = ask(streamed);
    (await asked())
      .stream()
      .send(chunk({ content: 'hi ' }), chunk({}, 'stop'), '[DONE]')
      .end();
    await settled(call);
    expect(saidIn(sink.body)).toBe('hi abcd');
  });

  it('masks words wherever a stream is cut, as in process', async () => {
    const words = { words: ['nightingale', 'gate'] };
    const text = 'The Nightingale sang at the gate; the night ended. Nightin';
    const { ask } = gateway(pluginOf(MASK, { mode: 'thread', timeoutMs: 20_000, options: words }));
    for (let cut = 1; cut < text.length; cut += 5) {
      const before = provider.requests.length;
      const { call, sink } = ask(streamed);
      await vi.waitFor(() => expect(provider.requests.length).toBeGreaterThan(before), 20_000);
      const request = provider.requests.at(-1)!.stream();
      for (const content of [text.slice(0, cut), text.slice(cut, cut + 2), text.slice(cut + 2)]) {
        if (content !== '') request.send(chunk({ content }));
        // Each piece is one question, whatever the next one brings.
        await new Promise((resolve) => setImmediate(resolve));
      }
      request.send(chunk({}, 'stop'), '[DONE]').end();
      await settled(call);
      expect(saidIn(sink.body)).toBe('The *********** sang at the ****; the night ended. Nightin');
    }
  });
});

describe('a plugin elsewhere that fails', () => {
  const hangs = () =>
    serverOf(
      () => ({}),
      () => new Promise(() => {}),
      { timeoutMs: 60_000, maxErrors: 1 },
    );

  it('takes nothing from an answer that may go on without it, and is not asked for the rest', async () => {
    // The plugin's time, and that of its rest, pass as the test says.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => clock.mockRestore());
    const { config, heard } = await hangs();
    const { ask, plugins } = gateway(config);
    const { call, sink } = ask(streamed);
    const request = (await asked()).stream();
    request.send(chunk({ content: 'one ' }));
    await vi.waitFor(() => expect(heard).toHaveLength(1), 20_000);
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(() => expect(saidIn(sink.body)).toBe('one '), 20_000);
    request.send(chunk({ content: 'two' }), chunk({}, 'stop'), '[DONE]').end();
    await settled(call);
    expect(saidIn(sink.body)).toBe('one two');
    expect(heard).toHaveLength(1);
    expect(call.error).toBeNull();
    expect(plugins.views()).toMatchObject([{ state: 'resting', reason: 'errors' }]);
  });

  it('ends an answer that may not, with an error in the dialect of the client', async () => {
    const { config } = await serverOf(({ text }) => (text.includes('two') ? { text: 7 } : {}), undefined, {
      onError: 'closed',
    });
    const { ask } = gateway(config);
    const { call, sink } = ask(streamed);
    const request = (await asked()).stream();
    request.send(chunk({ content: 'one ' }));
    await vi.waitFor(() => expect(saidIn(sink.body)).toBe('one '), 20_000);
    request.send(chunk({ content: 'two' }), chunk({ content: ' three' }));
    await settled(call);
    expect(saidIn(sink.body)).toBe('one ');
    expect(call.error).toMatchObject({ code: 'GW_PLUGIN_FAILED' });
    expect(sink.body).toContain('"error"');
    expect(sink.body).not.toContain('[DONE]');
    expect(request.aborted).toBe(true);
    const whole = ask(chat());
    await vi.waitFor(() => expect(provider.requests).toHaveLength(2), 20_000);
    provider.requests[1]!.json(200, answer('stop', { role: 'assistant', content: 'two' }));
    await settled(whole.call);
    expect(whole.sink.status).toBe(503);
    expect(whole.call.error).toMatchObject({ code: 'GW_PLUGIN_FAILED' });
  });

  it('says nothing more to a client that left', async () => {
    const { config, heard } = await serverOf(
      () => ({}),
      () => new Promise(() => {}),
    );
    const { ask } = gateway(config);
    const { call, sink } = ask(streamed);
    const request = (await asked()).stream();
    request.send(chunk({ content: 'one ' }));
    await vi.waitFor(() => expect(heard).toHaveLength(1), 20_000);
    call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    expect(request.aborted).toBe(true);
    expect(provider.seats()).toBe(0);
    request.send(chunk({ content: 'two' }));
    expect(saidIn(sink.body)).toBe('');
    expect(sink.body).not.toContain('error');
  });
});

describe('a stream that breaks off while a plugin elsewhere looks at it', () => {
  let other: FakeProvider;
  beforeEach(() => {
    const retries = { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 };
    other = fakeProvider('q', dialectByName('openai-chat'), { retries });
    // It begins anew, where the beginning of its answer could not be given to it.
    const { encode } = other.target;
    const capabilities = { ...encode.capabilities, prefill: false };
    Object.assign(other.target, { encode: { ...encode, capabilities } });
  });
  const next = () => vi.waitFor(() => other.requests.at(-1) ?? expect.fail('nobody asked yet'), 20_000);
  const whole = ['one ', 'two ', 'three ', 'four'];
  const say = (request: FakeProvider['requests'][number], words: readonly string[]) =>
    request.stream().send(...words.map((content) => chunk({ content })));
  /** Holds back the last word of a block until it hears the next one. */
  const holdsBack = () => {
    const held = new Map<number, string>();
    return serverOf(({ block, text, last }) => {
      const all = (held.get(block) ?? '') + text;
      const cut = last ? all.length : all.lastIndexOf(' ', all.length - 2) + 1;
      held.set(block, all.slice(cut));
      return { text: all.slice(0, cut).toUpperCase() };
    });
  };

  it.each(['a cut', 'a reset'])(
    'is told whole by another target, as plugins let it go on: %s',
    async (how) => {
      const { config, heard } = await holdsBack();
      const { ask } = gatewayTo(() => [provider, other], config);
      const { call, sink } = ask(streamed);
      const first = say(await asked(), ['one ', 'two ', 'thr']);
      await vi.waitFor(() => expect(saidIn(sink.body)).toContain('ONE '), 20_000);
      if (how === 'a cut') first.end();
      else first.handler.onError(new GatewayError('GW_UPSTREAM_RESET'));
      say(await next(), whole)
        .send(chunk({}, 'stop'), usage, '[DONE]')
        .end();
      await settled(call);
      expect(saidIn(sink.body)).toBe('ONE TWO THREE FOUR');
      expect(sink.body.match(/"role":"assistant"|\[DONE\]/g)).toEqual(['"role":"assistant"', '[DONE]']);
      expect(call).toMatchObject({ status: 200, error: null, rescued: 'restart' });
      // The part that broke off is over for the plugin before it hears of the other answer.
      const ends = heard.flatMap(({ last }, at) => (last ? [at] : []));
      expect(ends).toHaveLength(2);
      expect(
        heard
          .slice(ends[0]! + 1)
          .map(({ text }) => text)
          .join(''),
      ).toBe(whole.join(''));
      expect([provider.seats(), other.seats()]).toEqual([0, 0]);
    },
  );

  it('is told whole by an answer that came whole', async () => {
    const { config } = await serverOf(({ text }) => ({ text: text.toUpperCase() }));
    const { ask } = gatewayTo(() => [provider, other], config);
    const { call, sink } = ask(streamed);
    const first = say(await asked(), ['one ', 'two ']);
    await vi.waitFor(() => expect(saidIn(sink.body)).toContain('ONE '), 20_000);
    first.end();
    (await next()).json(200, answer('stop', { role: 'assistant', content: whole.join('') }));
    await settled(call);
    expect(saidIn(sink.body)).toBe('ONE TWO THREE FOUR');
    expect(call).toMatchObject({ status: 200, error: null, rescued: 'restart' });
  });

  it('ends in an error where the other answer is another one', async () => {
    const { config } = await serverOf(({ text }) => ({ text: text.toUpperCase() }));
    const { ask } = gatewayTo(() => [provider, other], config);
    const { call, sink } = ask(streamed);
    const first = say(await asked(), ['one ', 'two ']);
    await vi.waitFor(() => expect(saidIn(sink.body)).toContain('ONE '), 20_000);
    first.end();
    for (let at = 1; at <= 2; at++) {
      await vi.waitFor(() => expect(other.requests).toHaveLength(at), 20_000);
      say(other.requests[at - 1]!, ['some', 'thing ', 'else ', 'altogether']);
      if (at === 2) other.requests[1]!.end();
    }
    await settled(call);
    expect(saidIn(sink.body)).not.toContain('SOMETHING');
    expect(sink.body).not.toContain('[DONE]');
    expect(call.error).not.toBeNull();
    expect([provider.seats(), other.seats()]).toEqual([0, 0]);
  });
});
