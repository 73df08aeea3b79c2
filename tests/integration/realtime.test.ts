// Spoken conversations: a WebSocket through the gateway to a provider's, its turns counted.

import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Authority, makeAuthority } from '../kit/certificates.ts';
import { call } from '../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { pick } from '../kit/json.ts';
import { type MockRealtime, startMockRealtime, TURN_USAGE } from '../kit/mock-realtime.ts';
import { freePort } from '../kit/port.ts';

const LIMITED = 'hg-limited-key-0123456789abcdef0123456789';
const GUARDED = 'hg-guarded-key-0123456789abcdef0123456789';
const ANOTHER = 'hg-another-key-0123456789abcdef0123456789';
const ONE = 'hg-one-session-key-0123456789abcdef0123';

let authority: Authority;
let mock: MockRealtime;
let other: MockRealtime;
let gateway: GatewayProcess;
let tlsPort = 0;

beforeAll(async () => {
  authority = makeAuthority();
  [mock, other] = await Promise.all([startMockRealtime(), startMockRealtime()]);
  tlsPort = await freePort();
  const { cert, key } = authority.sign('localhost');
  const provider = (baseUrl: string, value: string) => ({
    dialect: 'openai-chat',
    baseUrl,
    keys: [{ value }],
    models: ['gpt-*'],
    retries: { max: 0 },
  });
  gateway = await startGateway({
    config: {
      server: { listeners: [{ port: tlsPort, host: '127.0.0.1', tls: { cert, key } }] },
      auth: {
        keys: [
          { name: 'free', value: gateKey },
          { name: 'limited', value: LIMITED, limits: [{ requests: '3/d', burst: 3 }] },
          { name: 'another', value: ANOTHER },
          { name: 'one', value: ONE, limits: [{ concurrent: 1 }] },
          {
            name: 'guarded',
            value: GUARDED,
            guardrails: [
              { name: 'words', checks: [{ type: 'keywords', words: ['nightingale'] }] },
              { name: 'people', action: 'redact', sound: 'flag', checks: [{ type: 'pii' }] },
            ],
          },
        ],
      },
      providers: {
        // Its prices are the vendor's.
        rt: { ...provider(mock.url, 'sk-upstream-realtime-0001'), vendor: 'openai' },
        spare: provider(other.url, 'sk-upstream-realtime-0002'),
        capped: provider(mock.url, 'sk-upstream-realtime-0003'),
        ge: {
          ...provider(`${mock.url}beta`, 'AIza-upstream-live-0004'),
          dialect: 'gemini',
          models: ['gemini-*'],
        },
      },
      models: {
        voice: { targets: ['rt/gpt-realtime', 'spare/gpt-realtime'] },
        // Of one test alone: lines of others' sessions may come late.
        beside: { targets: ['rt/gpt-realtime', 'spare/gpt-realtime'] },
        capped: { targets: ['capped/gpt-realtime', 'spare/gpt-realtime'] },
        speaker: { targets: ['ge/gemini-live'] },
        // Of one test alone, as well.
        fenced: { targets: ['ge/gemini-live'] },
      },
      limits: [{ per: ['provider'], match: { provider: 'capped' }, concurrent: 1 }],
    },
  });
});
afterAll(async () => {
  await gateway?.stop(3_000);
  await Promise.all([mock?.close(), other?.close()]);
  authority?.remove();
});
beforeEach(() => {
  mock.handshakes.length = 0;
  other.handshakes.length = 0;
  mock.said.length = 0;
  mock.refuse(0);
});

interface Event {
  type: string;
  [member: string]: unknown;
}

interface Talk {
  readonly socket: WebSocket;
  readonly events: Event[];
  readonly closed: Promise<number>;
  say(event: object | Buffer): void;
  /** The first event of a type, now or later. */
  seen(type: string, count?: number): Promise<Event>;
}

function talk(path: string, { key = gateKey, protocols = [] as string[] } = {}): Talk {
  const headers = key === '' ? {} : { authorization: `Bearer ${key}` };
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, protocols, { headers });
  const events: Event[] = [];
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => resolve(-1));
  });
  const opened = new Promise<void>((resolve) => socket.on('open', () => resolve()));
  socket.on('message', (data: Buffer, isBinary: boolean) =>
    events.push(isBinary ? { type: 'binary', data } : (JSON.parse(data.toString()) as Event)),
  );
  return {
    socket,
    events,
    closed,
    say: (event) =>
      void opened.then(() => socket.send(Buffer.isBuffer(event) ? event : JSON.stringify(event))),
    async seen(type, count = 1) {
      await expect
        .poll(() => events.filter((event) => event.type === type).length)
        .toBeGreaterThanOrEqual(count);
      return events.filter((event) => event.type === type)[count - 1]!;
    },
  };
}

const lines = (match: (line: Record<string, unknown>) => boolean) =>
  gateway.logs().filter((line) => line['msg'] === 'request' && match(line));

describe('a realtime session', () => {
  it('is the provider’s, message by message, and each of its turns is counted', async () => {
    const before = lines(({ route, status }) => route === '/v1/realtime' && status === 200).length;
    const { say, seen, socket, events, closed } = talk('/v1/realtime?model=voice', {
      protocols: ['realtime'],
    });
    expect(await seen('session.created')).toMatchObject({ session: { model: 'gpt-realtime' } });
    expect(socket.protocol).toBe('realtime');
    say({ type: 'response.create' });
    await seen('response.done');
    say({ type: 'input_audio_buffer.commit' });
    await seen('response.done', 2);
    expect(events.filter(({ type }) => type === 'response.output_audio.delta')).toHaveLength(6);
    say({ type: 'test.unknown', nested: { any: ['thing'] } });
    expect(await seen('test.unknown.echo')).toMatchObject({ of: { nested: { any: ['thing'] } } });
    say(Buffer.from([1, 2, 3]));
    expect(await seen('binary')).toMatchObject({ data: Buffer.from([1, 2, 3]) });
    socket.close(1000);
    await closed;
    const [handshake] = mock.handshakes;
    expect(handshake).toMatchObject({
      url: '/v1/realtime?model=gpt-realtime',
      headers: { authorization: 'Bearer sk-upstream-realtime-0001', 'sec-websocket-protocol': 'realtime' },
    });
    await expect
      .poll(() => lines(({ route, status }) => route === '/v1/realtime' && status === 200).length)
      .toBe(before + 2);
    const turn = lines(({ status }) => status === 200).at(-1)!;
    expect(turn).toMatchObject({
      client: 'free',
      model: 'voice',
      provider: 'rt',
      usage: {
        input: TURN_USAGE.input_tokens,
        output: TURN_USAGE.output_tokens,
        cacheRead: 30,
        audioInput: 50,
        audioOutput: 30,
      },
    });
    // And the session itself, at its end.
    await expect.poll(() => lines(({ status }) => status === 101).length).toBeGreaterThan(0);
    await expect.poll(() => mock.open).toBe(0);
  });

  it('takes a key among its subprotocols, as browsers send it, and hands it to nobody', async () => {
    const { seen, socket } = talk('/v1/realtime?model=voice', {
      key: '',
      protocols: ['realtime', `openai-insecure-api-key.${gateKey}`],
    });
    await seen('session.created');
    expect(socket.protocol).toBe('realtime');
    expect(JSON.stringify(mock.handshakes)).not.toContain(gateKey);
    socket.close();
  });

  it('of Azure’s clients names its model as a deployment', async () => {
    const before = mock.handshakes.length;
    const asked = talk('/openai/realtime?api-version=2025-04-01-preview&deployment=voice');
    expect(await asked.seen('session.created')).toMatchObject({ session: { model: 'gpt-realtime' } });
    expect(mock.handshakes.slice(before).map(({ url }) => url)).toEqual(['/v1/realtime?model=gpt-realtime']);
    asked.socket.close();
    await asked.closed;
  });

  it('without a key is a 401 in place of a WebSocket, and without a WebSocket a 426', async () => {
    const { closed } = talk('/v1/realtime?model=voice', { key: 'hg-nobody-knows-this-one' });
    expect(await closed).toBe(-1);
    const plain = await call(gateway, '/v1/realtime?model=voice', { method: 'GET' });
    expect(plain.status).toBe(426);
    expect(mock.handshakes).toHaveLength(0);
  });

  it('of a model that is not there ends in an error of its protocol', async () => {
    const { seen, closed } = talk('/v1/realtime?model=none/of-these');
    expect(await seen('error')).toMatchObject({ status: 404, error: { code: 'model_not_found' } });
    expect(await closed).toBe(1008);
  });

  it('goes to the next target where the first takes none', async () => {
    mock.refuse(503);
    const { seen, socket } = talk('/v1/realtime?model=voice');
    await seen('session.created');
    expect(other.handshakes.at(-1)?.url).toBe('/v1/realtime?model=gpt-realtime');
    socket.close();
    mock.refuse(401);
    const last = talk('/v1/realtime?model=rt/gpt-realtime');
    expect(await last.seen('error')).toMatchObject({ error: { message: expect.any(String) as string } });
    expect([1008, 1011]).toContain(await last.closed);
  });

  it('says it when a turn is over the limits, and goes on', async () => {
    // The session is one, two turns are the others.
    const { say, seen, events } = talk('/v1/realtime?model=voice', { key: LIMITED });
    await seen('session.created');
    for (let turn = 1; turn <= 2; turn++) {
      say({ type: 'response.create' });
      await seen('response.done', turn);
    }
    say({ type: 'response.create' });
    expect(await seen('error')).toMatchObject({ status: 429 });
    say({ type: 'test.unknown' });
    await seen('test.unknown.echo');
    expect(events.filter(({ type }) => type === 'response.done')).toHaveLength(2);
    // One that the provider begins by itself is cancelled.
    say({ type: 'input_audio_buffer.commit' });
    await seen('error', 2);
    await expect.poll(() => mock.said.some((event) => pick(event, 'type') === 'response.cancel')).toBe(true);
  });

  it('holds its place in the limits as long as it lasts', async () => {
    const first = talk('/v1/realtime?model=voice', { key: ONE });
    await first.seen('session.created');
    const second = talk('/v1/realtime?model=voice', { key: ONE });
    expect(await second.seen('error')).toMatchObject({ status: 429 });
    expect(await second.closed).toBe(1013);
    first.socket.close();
    await first.closed;
    await expect
      .poll(async () => {
        const next = talk('/v1/realtime?model=voice', { key: ONE });
        const type = await Promise.race([next.seen('session.created').then(() => 'open'), next.closed]);
        next.socket.terminate();
        return type;
      })
      .toBe('open');
  });

  it('asks the limits of its provider, and goes elsewhere where there is no room', async () => {
    const first = talk('/v1/realtime?model=capped');
    await first.seen('session.created');
    const second = talk('/v1/realtime?model=capped');
    await second.seen('session.created');
    expect([mock.handshakes.length, other.handshakes.length]).toEqual([1, 1]);
    const third = talk('/v1/realtime?model=capped/gpt-realtime');
    expect(await third.seen('error')).toMatchObject({ status: 429 });
    first.socket.close();
    second.socket.close();
  });

  it('counts what is said to it, by the model that writes it down', async () => {
    const { say, seen, socket } = talk('/v1/realtime?model=voice');
    await seen('session.created');
    say({ type: 'test.said' });
    await seen('conversation.item.input_audio_transcription.completed');
    const written = await vi.waitFor(() => {
      const [line] = lines(({ upstreamModel }) => upstreamModel === 'gpt-4o-transcribe');
      expect(line).toBeDefined();
      return line!;
    });
    expect(written).toMatchObject({ status: 200, usage: { input: 14, output: 5, audioInput: 14 } });
    expect(written['costUsd']).toBeGreaterThan(0);
    socket.close();
  });

  it('ends as the provider ends it', async () => {
    const asked = talk('/v1/realtime?model=voice');
    asked.say({ type: 'test.close' });
    expect(await asked.closed).toBe(4321);
    const broken = talk('/v1/realtime?model=voice');
    broken.say({ type: 'test.break' });
    expect(await broken.closed).toBe(1011);
  });
});

describe('guardrails', () => {
  const item = (text: string) => ({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
  });

  it('look at a realtime session both ways, and its turns say what they decided', async () => {
    const { say, seen, socket, events } = talk('/v1/realtime?model=voice', { key: GUARDED });
    await seen('session.created');
    say(item('Project Nightingale'));
    expect(await seen('error')).toMatchObject({ status: 400, error: { code: 'content_filter' } });
    say({ type: 'session.update', session: { audio: { input: { transcription: null } } } });
    say({ type: 'input_audio_buffer.append', audio: 'AAAA' });
    expect(await seen('error', 2)).toMatchObject({ error: { code: 'gw_guardrail_unreadable' } });
    say(item('I am ada@example.com'));
    say({ type: 'test.say', text: 'We have no such bird here.' });
    await seen('response.done');
    say({ type: 'test.say', text: 'The night_ingale sings at night.', sound: true });
    expect(await seen('error', 3)).toMatchObject({ error: { code: 'content_filter' } });
    expect(await seen('response.done', 2)).toMatchObject({ response: { output: [] } });
    say({ type: 'test.say', text: 'Write to bob_@_example.com or not.' });
    await seen('response.done', 3);
    const told = events.map(({ delta }) => delta).filter((delta) => typeof delta === 'string');
    expect(told.join('')).toBe('We have no such bird here.Write to [EMAIL] or not.');
    expect(JSON.stringify(events)).not.toMatch(/nightingale|bob@/);
    const asked = JSON.stringify(mock.said);
    expect(asked).not.toMatch(/ightingale|AAAA|ada@example/);
    expect(asked).toMatch(/I am \[EMAIL_\w+\]/);
    expect(mock.said).toContainEqual({ type: 'response.cancel', response_id: expect.any(String) as string });
    socket.close();
    await vi.waitFor(
      async () => {
        const { text } = await call(gateway, '/metrics');
        for (const labels of [
          'guardrail="words",at="answer",decision="block"',
          'guardrail="people",at="request",decision="mask"',
        ])
          expect(text).toMatch(new RegExp(`headgate_guardrail_decisions_total{[^}]*${labels}[^}]*} [1-9]`));
      },
      { timeout: 20_000, interval: 100 },
    );
  });

  it('end a session of Gemini Live, which has no other word for it', async () => {
    const path = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
    for (const text of ['Project Nightingale', 'what does a nightin say?']) {
      const { say, closed, events } = talk(`${path}?key=${GUARDED}`, { key: '' });
      say({ setup: { model: 'models/fenced' } });
      say({ clientContent: { turns: [{ role: 'user', parts: [{ text }] }], turnComplete: true } });
      expect(await closed).toBe(1008);
      expect(events.map(({ data }) => String(data)).join('')).not.toContain('nightingale');
    }
  });
});

describe('a live session', () => {
  it('is named by its first message and counted by its seconds', async () => {
    const { say, seen, closed } = talk('/v1/live/sessions');
    say({ type: 'session.start', session: { model: 'voice', instructions: 'be brief' } });
    expect(await seen('session.started')).toMatchObject({
      session: { model: 'gpt-realtime', instructions: 'be brief' },
    });
    say({ type: 'session.close' });
    await seen('session.closed');
    expect(await closed).toBe(1000);
    expect(mock.handshakes.at(-1)?.url).toBe('/v1/live/sessions');
    await expect
      .poll(() => lines(({ route }) => route === '/v1/live/sessions').at(-1))
      .toMatchObject({ status: 101, model: 'voice', quantities: { seconds: 7 } });
  });

  it('is attached to, and gone on from, by who began it alone', async () => {
    const first = talk('/v1/live/sessions');
    first.say({ type: 'session.start', session: { model: 'voice' } });
    const id = String(pick(await first.seen('session.started'), 'session.id'));
    for (const verb of ['attach', 'fork']) {
      const path = `/v1/live/sessions/${id}/${verb}`;
      mock.handshakes.length = 0;
      for (const [asked, key] of [
        [path, GUARDED],
        [`/v1/live/sessions/live_of_nobody/${verb}`, gateKey],
      ] as const) {
        const stranger = talk(asked, { key });
        expect(await stranger.seen('error')).toMatchObject({ status: 404 });
        expect(await stranger.closed).toBe(1008);
      }
      expect(mock.handshakes).toEqual([]);
      expect((await call(gateway, path, { method: 'GET' })).status).toBe(426);
    }
    // Nobody names a model, whatever the address says.
    const beside = talk(`/v1/live/sessions/${id}/attach?graceful_close=true&model=none/of-these`);
    beside.say({ type: 'test.unknown' });
    await beside.seen('test.unknown.echo');
    expect(mock.handshakes.map(({ url }) => url)).toEqual([
      `/v1/live/sessions/${id}/attach?graceful_close=true`,
    ]);
    beside.socket.close(1000);
    first.say({ type: 'session.close' });
    await first.closed;
    // What it costs is counted where it is spoken.
    await expect
      .poll(() =>
        lines(({ route }) => route === '/v1/live/sessions/{id}/attach').find(({ status }) => status === 101),
      )
      .toMatchObject({ provider: 'rt', costUsd: 0 });
    expect(
      lines(({ route }) => route === '/v1/live/sessions/{id}/attach').some((line) => 'quantities' in line),
    ).toBe(false);

    const next = talk(`/v1/live/sessions/${id}/fork`);
    next.say({ type: 'session.start', session: {} });
    const begun = await next.seen('session.started');
    expect(begun).toMatchObject({ session: { model: 'gpt-realtime' } });
    // It is its caller's as well.
    const again = talk(`/v1/live/sessions/${String(pick(begun, 'session.id'))}/attach`);
    again.say({ type: 'test.unknown' });
    await again.seen('test.unknown.echo');
    again.socket.close(1000);
    next.say({ type: 'session.close' });
    await next.closed;
    await expect
      .poll(() =>
        lines(({ route }) => route === '/v1/live/sessions/{id}/fork').find(({ status }) => status === 101),
      )
      .toMatchObject({ provider: 'rt', upstreamModel: 'gpt-realtime', quantities: { seconds: 7 } });
  });

  it('without a model in its first message is refused in words', async () => {
    const { say, seen, closed } = talk('/v1/live/sessions');
    say({ type: 'session.input_audio.append', audio: 'AAAA' });
    expect(await seen('error')).toMatchObject({ status: 400 });
    expect(await closed).toBe(1008);
  });
});

describe('a session of Gemini Live', () => {
  const path = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
  const setup = (model: string) => ({ setup: { model: `models/${model}`, generationConfig: {} } });
  const json = ({ data }: Event): unknown => JSON.parse(String(data));

  it.each([path, `/${path}`, '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent'])(
    'is named by its first message, and its answers are counted (%s)',
    async (asked) => {
      const { say, seen, socket, events } = talk(`${asked}?key=${gateKey}`, { key: '' });
      const before = lines(({ model, status }) => model === 'speaker' && status === 200).length;
      say(setup('speaker'));
      expect(json(await seen('binary'))).toEqual({ setupComplete: {} });
      expect(mock.said).toMatchObject([{ setup: { model: 'models/gemini-live', generationConfig: {} } }]);
      expect(mock.handshakes).toMatchObject([
        { url: path, headers: { 'x-goog-api-key': 'AIza-upstream-live-0004' } },
      ]);
      say({ clientContent: { turns: [], turnComplete: true } });
      await seen('binary', 4);
      expect(events.map(json)).toMatchObject([
        {},
        { serverContent: { modelTurn: { parts: [{ text: 'Hello' }] } } },
        {},
        { usageMetadata: { totalTokenCount: 110 } },
      ]);
      await vi.waitFor(() =>
        expect(lines(({ model, status }) => model === 'speaker' && status === 200)).toHaveLength(before + 1),
      );
      expect(lines(({ model, status }) => model === 'speaker' && status === 200).at(-1)).toMatchObject({
        provider: 'ge',
        upstreamModel: 'gemini-live',
        usage: { input: 70, output: 40, audioInput: 50, audioOutput: 30 },
      });
      socket.close(1000);
    },
  );

  it('is refused by the reason it ends with', async () => {
    const { say, closed, socket } = talk(path);
    const reason = new Promise<string>((resolve) =>
      socket.on('close', (_code, text: Buffer) => resolve(text.toString())),
    );
    say({ realtimeInput: {} });
    expect([await closed, await reason]).toEqual([1008, expect.stringContaining('setup')]);
    const another = talk(path);
    another.say(setup('rt/gpt-realtime'));
    expect(await another.closed).toBe(1008);
    expect(await talk(path, { key: 'hg-nobody-knows-this-one' }).closed).toBe(-1);
  });

  it('goes on from one of its own key’s, at the provider that has it, and from nobody else’s', async () => {
    const handleOf = async ({ seen }: Talk): Promise<string> => {
      const { sessionResumptionUpdate: update } = json(await seen('binary', 2)) as {
        sessionResumptionUpdate: { newHandle: string; resumable: boolean };
      };
      expect(update.resumable).toBe(true);
      return update.newHandle;
    };
    const resume = (handle: string) => ({
      setup: { ...setup('speaker').setup, sessionResumption: handle === '' ? {} : { handle } },
    });
    const began = talk(path);
    began.say(resume(''));
    const given = await handleOf(began);
    expect(given).not.toContain('handle+');
    began.socket.close(1000);
    const again = talk(path);
    again.say(resume(given));
    const next = await handleOf(again);
    expect(mock.said.at(-1)).toMatchObject({ setup: { sessionResumption: { handle: 'handle+' } } });
    expect(next).not.toBe(given);
    again.socket.close(1000);
    const asked = mock.handshakes.length;
    for (const [handle, key] of [
      [given, ANOTHER],
      ['handle+', gateKey],
    ] as const) {
      const refused = talk(path, { key });
      const reason = new Promise<string>((resolve) =>
        refused.socket.on('close', (_code, text: Buffer) => resolve(text.toString())),
      );
      refused.say(resume(handle));
      expect([await refused.closed, await reason]).toEqual([1008, 'There is no such object.']);
    }
    // Its provider hears nothing of it.
    expect(mock.handshakes).toHaveLength(asked);
  });

  it('of a key that is over its limits ends with them', async () => {
    // What the tests before left of three: none, or this takes it.
    const { say, closed } = talk(path, { key: LIMITED });
    say(setup('speaker'));
    for (let turn = 0; turn < 4; turn++) say({ clientContent: { turns: [], turnComplete: true } });
    expect([1008, 1013]).toContain(await closed);
  });

  it('is what Google’s SDK opens', async () => {
    const client = new GoogleGenAI({
      apiKey: gateKey,
      httpOptions: { baseUrl: gateway.url, apiVersion: 'v1beta' },
    });
    const heard: string[] = [];
    const over = Promise.withResolvers<void>();
    const session = await client.live.connect({
      model: 'speaker',
      config: {},
      callbacks: {
        onmessage(message) {
          for (const part of message.serverContent?.modelTurn?.parts ?? []) heard.push(part.text ?? '');
          if (message.serverContent?.turnComplete === true) over.resolve();
        },
        onerror: ({ message }) => over.reject(new Error(message)),
      },
    });
    session.sendClientContent({ turns: 'hello', turnComplete: true });
    await over.promise;
    session.close();
    expect(heard).toEqual(['Hello']);
  });
});

it('music is made through it as Google’s SDK asks for it, and counted by its seconds', async () => {
  const client = new GoogleGenAI({
    apiKey: gateKey,
    httpOptions: { baseUrl: gateway.url, apiVersion: 'v1alpha' },
  });
  const heard = Promise.withResolvers<string>();
  const session = await client.live.music.connect({
    model: 'models/speaker',
    callbacks: {
      onmessage({ serverContent }) {
        for (const { data } of serverContent?.audioChunks ?? []) heard.resolve(data ?? '');
      },
      onerror: ({ message }) => heard.reject(new Error(message)),
      // Its own client waits for ever then.
      onclose: ({ code, reason }) => heard.reject(new Error(`closed: ${code} ${reason}`)),
    },
  });
  await session.setWeightedPrompts({ weightedPrompts: [{ text: 'minimal techno', weight: 1 }] });
  await session.setMusicGenerationConfig({ musicGenerationConfig: { bpm: 90 } });
  session.play();
  expect(await heard.promise).toBe('AAAA');
  expect(mock.handshakes).toMatchObject([
    { url: expect.stringMatching(/v1alpha\.GenerativeService\.BidiGenerateMusic$/) },
  ]);
  expect(mock.said).toMatchObject([
    { setup: { model: 'models/gemini-live' } },
    { clientContent: { weightedPrompts: [{ text: 'minimal techno' }] } },
    { musicGenerationConfig: { bpm: 90 } },
    { playbackControl: 'PLAY' },
  ]);
  session.close();
  await vi.waitFor(() =>
    expect(lines(({ route, quantities }) => /Music/.test(String(route)) && quantities != null)).toMatchObject(
      [{ model: 'speaker', provider: 'ge', status: 101, quantities: { seconds: expect.any(Number) } }],
    ),
  );
});

it('the vendor’s SDK talks through it', async () => {
  const client = new OpenAI({ apiKey: gateKey, baseURL: `https://localhost:${tlsPort}/v1` });
  const session = new OpenAIRealtimeWS({ model: 'voice', options: { ca: authority.ca } }, client);
  const done = new Promise<unknown>((resolve, reject) => {
    session.on('error', reject);
    session.on('session.created', () => session.send({ type: 'response.create' }));
    session.on('response.done', (event) => resolve(event.response.usage));
  });
  expect(await done).toEqual(TURN_USAGE);
  session.close();
});

describe('a call whose sound goes past the gateway', () => {
  it('is listened to and steered by who began it, at the provider that has it, and its turns are counted', async () => {
    const made = await call(gateway, '/v1/realtime/calls', {
      body: 'v=0',
      headers: { 'content-type': 'application/sdp', 'x-headgate-provider': 'rt' },
    });
    expect(made.status).toBe(201);
    const id = made.headers['location']!.split('/').at(-1);
    expect(id).toBe('rtc_1');
    const turns = () => lines(({ model, status }) => model === 'beside' && status === 200);
    const { say, seen, socket, closed } = talk(`/v1/realtime?call_id=${id}&model=beside`);
    await seen('session.created');
    say({ type: 'response.create' });
    await seen('response.done');
    socket.close(1000);
    await closed;
    expect(mock.handshakes.map(({ url }) => url)).toEqual(['/v1/realtime?call_id=rtc_1']);
    expect(other.handshakes).toEqual([]);
    await expect.poll(() => turns().length).toBe(1);
    expect(turns()[0]).toMatchObject({
      client: 'free',
      model: 'beside',
      provider: 'rt',
      usage: { input: TURN_USAGE.input_tokens, output: TURN_USAGE.output_tokens },
    });
    // The one that was looked up, and no other that is said beside it.
    const both = talk(`/v1/realtime?call_id=${id}&call_id=rtc_2`);
    await both.seen('session.created');
    both.socket.close(1000);
    await both.closed;
    expect(mock.handshakes.at(-1)?.url).toBe('/v1/realtime?call_id=rtc_1');
    // Without a model too: its provider knows it.
    const bare = talk(`/v1/realtime?call_id=${id}`);
    await bare.seen('session.created');
    bare.socket.close(1000);
    await bare.closed;
  });

  it('is not there for anybody else', async () => {
    for (const name of ['call_id', 'c%61ll_id']) {
      const stranger = talk(`/v1/realtime?${name}=rtc_1&model=voice`, { key: LIMITED });
      await stranger.closed;
      expect(stranger.events.filter(({ type }) => type === 'session.created')).toEqual([]);
    }
    expect(mock.handshakes).toEqual([]);
  });

  it('nor is what another made when a session names it, in any protocol', async () => {
    const update = (voice: object) => ({ type: 'session.update', session: { audio: { output: voice } } });
    const { say, seen, socket, closed } = talk('/v1/realtime?model=voice', { key: GUARDED });
    await seen('session.created');
    say(update({ voice_id: 'rtc_1' }));
    expect(await seen('error')).toMatchObject({ status: 404, error: { code: 'gw_client_object_not_found' } });
    // Nobody is known to own it, and a session goes on.
    say(update({ voice: { id: 'voice_old' } }));
    say({ type: 'response.create' });
    await seen('response.done');
    socket.close(1000);
    await closed;
    const said = JSON.stringify(mock.said);
    expect(said).toContain('voice_old');
    expect(said).not.toContain('rtc_1');
    const path = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
    const bidi = talk(`${path}?key=${GUARDED}`, { key: '' });
    bidi.say({ setup: { model: 'models/speaker' } });
    bidi.say({ clientContent: { turns: [{ role: 'user', parts: [{ fileData: { fileUri: 'rtc_1' } }] }] } });
    expect(await bidi.closed).toBe(1008);
    expect(JSON.stringify(mock.said)).not.toContain('rtc_1');
  });
});

it('sessions end when the gateway goes', async () => {
  const { seen, closed } = talk('/v1/realtime?model=voice');
  await seen('session.created');
  gateway.kill('SIGTERM');
  expect(await closed).toBe(1001);
  expect((await gateway.exit).code).toBe(0);
});
