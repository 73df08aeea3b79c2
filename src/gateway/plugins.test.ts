// Plugins in the flow of a call: real modules, the three examples of the documents among them, between a fake client and provider.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeProvider, fakeProvider, type FakeRequest } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { PluginConfig } from '../contracts/plugin-config.ts';
import type { PluginView } from '../contracts/plugin-port.ts';
import { dialectByName } from '../registry/dialects.ts';
import { answer, chunk, events } from './cache.fixture.ts';
import { pluginGateway, pluginOf, writePlugin } from './plugins.fixture.ts';
import type { Plugins } from './plugins.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-plugins-'));
const EXAMPLES = path.resolve(import.meta.dirname, '../../docs/examples/plugins');
const running: Plugins[] = [];
const servers: Server[] = [];
let provider: FakeProvider;
let other: FakeProvider;

beforeEach(() => {
  const retries = { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 };
  provider = fakeProvider('p', dialectByName('openai-chat'), { retries });
  other = fakeProvider('q', dialectByName('openai-chat'), { retries });
});
afterEach(() => {
  for (const plugins of running.splice(0)) plugins.close();
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const written = (hooks: string): string => writePlugin(folder, hooks);
const example = (name: string) => path.join(EXAMPLES, `${name}.ts`);
const plugin = pluginOf;

function gateway(...configs: PluginConfig[]) {
  const made = pluginGateway(() => [provider, other], configs);
  running.push(made.plugins);
  return made;
}

const chat = (content = 'hi', more: object = {}) => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
});
/** The provider's next request, once it has come. */
const asked = (from: FakeProvider = provider, at = 0) =>
  vi.waitFor(() => {
    expect(from.requests.length).toBeGreaterThan(at);
    return from.requests[at]!;
  }, 20_000);
/** The provider says these pieces, and no more. */
const tell = (request: FakeRequest, pieces: readonly string[]) =>
  request
    .stream()
    .send(...pieces.map((content) => chunk({ content })), chunk({}, 'stop'), '[DONE]')
    .end();
const settled = (call: Call) => vi.waitFor(() => expect(call.settled).toBe(true), 20_000);
const sentBody = async (from?: FakeProvider) =>
  JSON.parse(String((await asked(from)).sent)) as Record<string, unknown>;

describe('a plugin on requests', () => {
  it('changes what is asked, and what it leaves alone keeps its bytes', async () => {
    const module = written(
      `onRequest({ body }) { return { body: { ...body, temperature: 0, messages: body.messages } } }`,
    );
    const { ask } = gateway(plugin(module));
    ask({ ...chat(), seed: 7 });
    const request = await asked();
    expect(JSON.parse(String(request.sent))).toMatchObject({
      seed: 7,
      temperature: 0,
      messages: chat().messages,
    });
  });

  it('sees who calls, and only the headers it was given', async () => {
    const module = written(
      `onRequest({ call, headers }) { return { refuse: { status: 403, message: JSON.stringify([call.key, call.team, call.model, call.operation, headers]) } } }`,
    );
    const { ask } = gateway(plugin(module, { headers: ['x-a'] }));
    const { sink, call } = ask(chat(), { headers: { 'x-a': '1', 'x-b': '2', authorization: 'Bearer s' } });
    await settled(call);
    expect(sink.status).toBe(403);
    expect(JSON.parse(sink.body).error.message).toBe('["app","support","m","chat",{"x-a":"1"}]');
    expect(call.error).toMatchObject({ code: 'GW_PLUGIN_REFUSED' });
    expect(provider.requests).toHaveLength(0);
  });

  it('refuses in the dialect of the client', async () => {
    const module = written(`onRequest() { return { refuse: { message: 'not today' } } }`);
    const { ask } = gateway(plugin(module));
    const { sink, call } = ask({ ...chat(), max_tokens: 9 }, { dialect: 'anthropic' });
    await settled(call);
    expect(sink.status).toBe(400);
    expect(JSON.parse(sink.body)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'not today' },
    });
  });

  it('is only asked for the calls that it is for, in order, each seeing what those before it left', async () => {
    const first = written(
      `onRequest({ call }) { return { metadata: { seen: call.metadata.seen + '1' }, headers: { 'x-first': 'yes' } } }`,
    );
    const second = written(
      `onRequest({ call, body }) { return { body: { ...body, user: call.metadata.seen } } }`,
    );
    const never = written(`onRequest() { return { refuse: { message: 'never' } } }`);
    const { ask } = gateway(
      plugin(never, { when: { keys: ['other'] } }),
      plugin(never, { name: 'models', when: { models: ['x*'] } }),
      plugin(first),
      plugin(second),
    );
    ask(chat());
    expect(await sentBody()).toMatchObject({ user: 'undefined1' });
    expect((await asked()).request.headers).toMatchObject({ 'x-first': 'yes' });
  });

  it('may say what no request can be: the call goes on as it was', async () => {
    const module = written(`onRequest() { return { body: { stream: 'yes' } } }`);
    const { ask, lines } = gateway(plugin(module));
    ask(chat());
    expect(await sentBody()).toMatchObject({ messages: chat().messages });
    expect(lines.join()).toContain('onRequest failed');
  });
});

describe('a plugin on routes and targets', () => {
  it('orders them and leaves some out, and names none that was not there', async () => {
    const label = (one: FakeProvider) => one.target.label;
    const module = written(
      `onRoute({ targets }) { return { targets: ['x/y', targets[1].provider + '/' + targets[1].model] } }`,
    );
    expect(label(other)).toBe(`q/${other.target.model}`);
    const { ask } = gateway(plugin(module));
    ask(chat());
    await asked(other);
    expect(provider.requests).toHaveLength(0);
    const none = gateway(plugin(written(`onRoute() { return { targets: ['x/y'] } }`)));
    const { call } = none.ask(chat());
    await settled(call);
    expect(call.error).toMatchObject({ code: 'GW_PLUGIN_REFUSED' });
  });

  it('changes what is sent to one, and may refuse to have it asked', async () => {
    const module = written(
      `async onUpstream({ provider, attempt, body }) { return { body: { ...body, metadata: { to: provider, attempt } }, headers: { 'x-to': provider, authorization: 'stolen' } } }`,
    );
    const { ask } = gateway(plugin(module));
    ask(chat());
    expect(await sentBody()).toMatchObject({ metadata: { to: 'p', attempt: 1 } });
    expect((await asked()).request.headers['x-to']).toBe('p');
    expect((await asked()).request.headers['authorization']).not.toBe('stolen');
    const refusing = gateway(
      plugin(written(`onUpstream() { return { refuse: { status: 451, message: 'not there' } } }`)),
    );
    const { call, sink } = refusing.ask(chat());
    await settled(call);
    expect(sink.status).toBe(451);
  });
});

describe('a plugin on answers', () => {
  const module = () =>
    written(`onAnswer({ body, streamed }) { if (!streamed) return { body: { ...body, note: 'seen' } } }`);

  it('changes a whole one, and may keep it from its client', async () => {
    const { ask } = gateway(plugin(module()));
    const { call, sink } = ask(chat());
    (await asked()).json(200, answer());
    await settled(call);
    expect(JSON.parse(sink.body)).toMatchObject({ note: 'seen', choices: [{}] });
    expect(call.usage).toMatchObject({ input: 3, output: 2 });
    const refusing = gateway(
      plugin(written(`onAnswer() { return Promise.resolve({ refuse: { status: 422, message: 'no' } }) }`)),
    );
    const kept = refusing.ask(chat());
    (await asked(provider, 1)).json(200, answer());
    await settled(kept.call);
    expect(kept.sink.status).toBe(422);
    expect(kept.call).toMatchObject({
      status: 422,
      error: { code: 'GW_PLUGIN_REFUSED' },
      usage: { input: 3 },
    });
  });

  it('changes what is said, whole and streamed', async () => {
    const shout = written(
      `onDelta({ kind, text }) { return kind === 'text' ? text.toUpperCase() : undefined }`,
    );
    const { ask } = gateway(plugin(shout));
    const whole = ask(chat());
    (await asked()).json(200, answer());
    await settled(whole.call);
    expect(JSON.parse(whole.sink.body).choices[0].message.content).toBe('A GATE.');
    const streamed = ask(chat('hi', { stream: true }));
    const request = await asked(provider, 1);
    tell(request, ['a ', 'gate']);
    await settled(streamed.call);
    const said = events(streamed.sink.body).map(
      ({ choices }) => (choices[0]?.delta as { content?: string })?.content ?? '',
    );
    expect(said.join('')).toBe('A GATE');
  });

  it('that throws in the middle of a stream takes nothing from it', async () => {
    const broken = written(
      `onDelta({ text }) { if (text.includes('2')) throw new Error('boom'); return '<' + text + '>' }`,
    );
    const { ask, plugins } = gateway(plugin(broken, { maxErrors: 1 }));
    const { call, sink } = ask(chat('hi', { stream: true }));
    tell(await asked(), ['1', '2', '3']);
    await settled(call);
    const said = events(sink.body).map(
      ({ choices }) => (choices[0]?.delta as { content?: string })?.content ?? '',
    );
    expect(said.join('')).toBe('<1>23');
    expect(call.error).toBeNull();
    expect(plugins.views()).toMatchObject([{ state: 'off', fault: 'boom' }]);
  });
});

describe('the examples of the documents', () => {
  it('route-by-length sends long prompts to another model', async () => {
    const { ask } = gateway(plugin(example('route-by-length'), { options: { chars: 1000, model: 'long' } }));
    const short = ask(chat());
    await asked();
    expect(short.call.model).toBe('m');
    const long = ask(chat('x'.repeat(2000)));
    await asked(provider, 1);
    expect(long.call.model).toBe('long');
  });

  it('route-by-length says what it lacks', async () => {
    const { ask, plugins, lines } = gateway(plugin(example('route-by-length')));
    ask(chat());
    await asked();
    expect(plugins.views()).toMatchObject([
      { state: 'off', fault: expect.stringContaining('options.model') },
    ]);
    expect(lines.join()).toContain('cannot be loaded');
  });

  it('mask-words masks them wherever a stream is cut, and holds nothing else back for good', async () => {
    const { ask } = gateway(plugin(example('mask-words'), { options: { words: ['nightingale', 'gate'] } }));
    const text = 'The Nightingale sang at the gate; the night ended. Nightin';
    let at = 0;
    for (let cut = 1; cut < text.length; cut += 3) {
      const { call, sink } = ask(chat('hi', { stream: true }));
      const pieces = [text.slice(0, cut), text.slice(cut, cut + 2), text.slice(cut + 2)];
      tell(
        await asked(provider, at++),
        pieces.filter((one) => one !== ''),
      );
      await settled(call);
      const said = events(sink.body).map(
        ({ choices }) => (choices[0]?.delta as { content?: string })?.content ?? '',
      );
      expect(said.join('')).toBe('The *********** sang at the ****; the night ended. Nightin');
    }
  });

  it('maintenance answers by itself, in the form that was asked for, and refuses what it cannot', async () => {
    const { ask, plugins } = gateway(
      plugin(example('maintenance'), { headers: ['x-anyway'], options: { text: 'Back at noon.' } }),
    );
    const whole = ask(chat());
    await settled(whole.call);
    expect(JSON.parse(whole.sink.body)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Back at noon.' }, finish_reason: 'stop' }],
    });
    expect(whole.call).toMatchObject({
      status: 200,
      provider: 'plugin',
      usage: { input: 0, output: 0 },
      attempts: [],
    });
    const streamed = ask({ ...chat(), max_tokens: 9, stream: true }, { dialect: 'anthropic' });
    await settled(streamed.call);
    expect(streamed.sink.body).toContain('"text":"Back at noon."');
    expect(streamed.sink.body).toContain('message_stop');
    const refused = ask(chat('hi', { tools: [{ type: 'function', function: { name: 'f' } }] }));
    await settled(refused.call);
    expect(refused.sink.status).toBe(429);
    ask(chat(), { headers: { 'x-anyway': 'yes' } });
    expect((await asked()).request.headers['x-maintenance']).toBe('anyway');
    plugins.configure({} as never);
  });
});

describe('a plugin that hears of the end', () => {
  it('is told what became of a call, and of its error', async () => {
    const heard: { hook: string; event: Record<string, unknown> }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        heard.push(JSON.parse(body));
        response.end('{}');
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { ask } = gateway(
      plugin(null, { mode: 'http', url, hooks: ['onSettle', 'onError'], timeoutMs: 20_000 }),
    );
    const good = ask(chat());
    (await asked()).json(200, answer());
    await settled(good.call);
    const bad = ask(chat());
    (await asked(provider, 1)).json(400, { error: { message: 'bad', type: 'invalid_request_error' } });
    await settled(bad.call);
    await vi.waitFor(() => expect(heard).toHaveLength(3), 20_000);
    const of = (hook: string) => heard.filter((one) => one.hook === hook).map(({ event }) => event);
    expect(of('onSettle')).toMatchObject([
      { status: 200, error: '', provider: 'p', usage: { input: 3, output: 2 } },
      { status: 400, error: expect.stringMatching(/^GW_/) },
    ]);
    expect(of('onError')).toMatchObject([{ status: 400 }]);
  });
});

it('what plugins are is told when it changed, and not again', async () => {
  const told: (readonly PluginView[])[] = [];
  const broken = pluginOf(written(`onRequest() { throw new Error('boom') }`), {
    name: 'broken',
    maxErrors: 1,
  });
  const { ask, plugins } = pluginGateway(() => [provider, other], [broken], { told });
  running.push(plugins);
  plugins.measure();
  expect(told).toEqual([]);
  ask(chat());
  await asked();
  plugins.measure();
  plugins.measure();
  expect(told).toEqual([
    [expect.objectContaining({ name: 'broken', state: 'off', reason: 'errors', fault: 'boom' })],
  ]);
  plugins.configure({ plugins: [] } as never);
  plugins.measure();
  expect(told.at(-1)).toEqual([]);
});
