// The real SDKs of OpenAI and Anthropic for what is handed on while it comes: sound, pictures, files, batches, films, and calls
// that are passed through. Two keys at two workers, to a provider that is strict about what it gets.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { AzureOpenAI, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { type MockMedia, mediaKey, startMockMedia } from '../kit/mock-media.ts';

const KEYS = ['hg-media-one-0123456789abcdef0123456789', 'hg-media-two-0123456789abcdef0123456789'] as const;
let mock: MockMedia;
let gateway: GatewayProcess;
let client: OpenAI;
let other: OpenAI;
let claude: Anthropic;
let otherClaude: Anthropic;

beforeAll(async () => {
  mock = await startMockMedia();
  const base = `http://127.0.0.1:${mock.port}`;
  const shared = { keys: [mediaKey], retries: { max: 0 } };
  gateway = await startGateway({
    workers: 2,
    config: {
      auth: { keys: KEYS.map((value, at) => ({ name: `key-${at}`, value })) },
      providers: {
        oa: {
          dialect: 'openai-chat',
          baseUrl: `${base}/v1`,
          models: ['gpt-*', 'whisper-*', 'sora-*'],
          ...shared,
        },
        an: { dialect: 'anthropic', baseUrl: base, models: ['claude-*'], ...shared },
      },
      models: {
        ears: { targets: ['oa/whisper-1'] },
        voice: { targets: ['oa/gpt-4o-mini-tts'] },
        film: { targets: ['oa/sora-2-pro'] },
      },
    },
  });
  [client, other] = KEYS.map(
    (apiKey) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 }),
  ) as [OpenAI, OpenAI];
  [claude, otherClaude] = KEYS.map(
    (apiKey) => new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0 }),
  ) as [Anthropic, Anthropic];
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
});

const sound = (bytes: number) => toFile(Buffer.alloc(bytes, 1), 'a.wav', { type: 'audio/wav' });
const missing = (error: unknown): void => {
  expect(error).toMatchObject({ status: 404 });
};

describe('sound', () => {
  test.each([1_000, 2_000_000])('of %i bytes is written down', async (bytes) => {
    const made = await client.audio.transcriptions.create({ file: await sound(bytes), model: 'ears' });
    expect(made.text).toBe(`${bytes} bytes`);
    const text = await client.audio.translations.create({
      file: await sound(bytes),
      model: 'oa/whisper-1',
      response_format: 'text',
    });
    expect(String(text)).toBe(`${bytes} bytes\n`);
  });

  test('is written down while it is heard', async () => {
    const stream = await client.audio.transcriptions.create({
      file: await sound(900_000),
      model: 'ears',
      stream: true,
    });
    const events: unknown[] = [];
    for await (const event of stream) events.push(event);
    expect(events).toMatchObject([
      { delta: '900000 bytes' },
      { type: 'transcript.text.done', text: '900000 bytes' },
    ]);
  });

  test('is made of text', async () => {
    const made = await client.audio.speech.create({ model: 'voice', voice: 'alloy', input: 'Hi' });
    expect(made.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await made.arrayBuffer()).toString()).toBe('sound of Hi');
    const events = await client.audio.speech.create({
      model: 'voice',
      voice: 'alloy',
      input: 'Hi',
      stream_format: 'sse',
    });
    expect(await events.text()).toContain('speech.audio.done');
  });

  test('for a model that there is not is refused', async () => {
    const asked = client.audio.transcriptions.create({ file: await sound(500_000), model: 'an/nobody' });
    await expect(asked).rejects.toMatchObject({ status: 404, error: { code: 'model_not_found' } });
  });

  test('finds its model by the deployment of Azure', async () => {
    const azure = new AzureOpenAI({
      endpoint: `${gateway.url}/azure`,
      apiKey: KEYS[0],
      apiVersion: '2025-04-01',
      deployment: 'ears',
      maxRetries: 0,
    });
    const made = await azure.audio.transcriptions.create({ file: await sound(10), model: 'ears' });
    expect(made.text).toBe('10 bytes');
  });
});

test('pictures are made of pictures', async () => {
  const image = await toFile(Buffer.alloc(200_000, 7), 'a.png', { type: 'image/png' });
  const made = await client.images.edit({ image, prompt: 'greener', model: 'gpt-image-1' });
  expect(Buffer.from(made.data![0]!.b64_json!, 'base64').equals(Buffer.alloc(200_000, 7))).toBe(true);
  await client.images.createVariation({ image, model: 'oa/gpt-image-1' });
});

test('files of OpenAI are kept for their key alone', async () => {
  const content = Buffer.from('{"a":1}\n'.repeat(20_000));
  const made = await client.files.create({ file: await toFile(content, 'a.jsonl'), purpose: 'batch' });
  expect(made.bytes).toBe(content.length);
  expect((await client.files.retrieve(made.id)).id).toBe(made.id);
  expect(Buffer.from(await (await client.files.content(made.id)).arrayBuffer()).equals(content)).toBe(true);
  expect((await client.files.list()).data.map(({ id }) => id)).toContain(made.id);
  expect((await other.files.list()).data.map(({ id }) => id)).not.toContain(made.id);
  await other.files.retrieve(made.id).then(() => expect.unreachable(), missing);
  await other.files.content(made.id).then(() => expect.unreachable(), missing);
  await other.files.delete(made.id).then(() => expect.unreachable(), missing);
  const ask = { endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
  await other.batches.create({ ...ask, input_file_id: made.id }).then(() => expect.unreachable(), missing);
  const batch = await client.batches.create({ ...ask, input_file_id: made.id });
  expect((await client.batches.retrieve(batch.id)).id).toBe(batch.id);
  expect((await client.batches.cancel(batch.id)).status).toBe('cancelling');
  await other.batches.cancel(batch.id).then(() => expect.unreachable(), missing);
  expect((await client.batches.list()).data).toHaveLength(1);
  expect((await other.batches.list()).data).toEqual([]);
  expect((await client.files.delete(made.id)).deleted).toBe(true);
});

test('films are made by the model they name, and kept for their key alone', async () => {
  const made = await client.videos.create({ prompt: 'a canal', model: 'oa/sora-2' });
  expect(made.model).toBe('sora-2');
  // Its SDK always sends a form there.
  const asJson = await client.post<{ model: string }>('/videos', { body: { prompt: 'x', model: 'film' } });
  expect(asJson.model).toBe('sora-2-pro');
  expect(await (await client.videos.downloadContent(made.id)).text()).toBe('a film');
  const again = await client.videos.remix(made.id, { prompt: 'in winter' });
  expect(again.id).not.toBe(made.id);
  expect((await client.videos.list()).data).toHaveLength(3);
  expect((await other.videos.list()).data).toEqual([]);
  for (const id of [made.id, again.id])
    await other.videos.retrieve(id).then(() => expect.unreachable(), missing);
  expect((await client.videos.delete(made.id)).deleted).toBe(true);
});

test.each([1_000, 2_000_000])('films begin with a picture of %i bytes', async (bytes) => {
  const picture = Buffer.alloc(bytes, 7);
  const input_reference = await toFile(picture, 'a.png', { type: 'image/png' });
  // The file stands first in the form.
  const made = await client.videos.create({ input_reference, prompt: 'a canal', model: 'film' });
  const polled = await client.videos.retrieve(made.id);
  expect([polled.status, polled.model]).toEqual(['completed', 'sora-2-pro']);
  const film = await client.videos.downloadContent(made.id);
  expect(Buffer.from(await film.arrayBuffer()).equals(picture)).toBe(true);
  await other.videos.delete(made.id).then(() => expect.unreachable(), missing);
  expect((await client.videos.delete(made.id)).deleted).toBe(true);
});

test('films of a model that there is not are refused', async () => {
  const before = mock.seen.length;
  const input_reference = await toFile(Buffer.alloc(500_000), 'a.png', { type: 'image/png' });
  for (const more of [{}, { input_reference }]) {
    const asked = client.videos.create({ prompt: 'a canal', model: 'oa/nobody', ...more });
    await expect(asked).rejects.toMatchObject({ status: 404, error: { code: 'model_not_found' } });
  }
  expect(mock.seen).toHaveLength(before);
});

test('batches and files of Anthropic are kept for their key alone', async () => {
  const params = {
    model: 'claude-x',
    max_tokens: 9,
    messages: [{ role: 'user' as const, content: 'x'.repeat(200_000) }],
  };
  const made = await claude.messages.batches.create({ requests: [{ custom_id: 'a', params }] });
  expect((await claude.messages.batches.retrieve(made.id)).id).toBe(made.id);
  expect((await claude.messages.batches.list()).data).toHaveLength(1);
  expect((await otherClaude.messages.batches.list()).data).toEqual([]);
  await otherClaude.messages.batches.retrieve(made.id).then(() => expect.unreachable(), missing);
  const results: unknown[] = [];
  for await (const result of await claude.messages.batches.results(made.id)) results.push(result);
  expect(results).toEqual([{ custom_id: 'a', result: { type: 'canceled' } }]);
  await claude.messages.batches.cancel(made.id);
  await claude.messages.batches.delete(made.id);
  const file = await claude.beta.files.upload({ file: await toFile(Buffer.from('text'), 'a.txt') });
  expect(await (await claude.beta.files.download(file.id)).text()).toBe('text');
  await otherClaude.beta.files.retrieveMetadata(file.id).then(() => expect.unreachable(), missing);
});

test('SDKs work through the passthrough', async () => {
  const [apiKey] = KEYS;
  for (const end of ['', '/v1']) {
    const through = new OpenAI({ baseURL: `${gateway.url}/passthrough/oa${end}`, apiKey, maxRetries: 0 });
    const file = await through.files.create({
      file: await toFile(Buffer.from('x'), 'a.jsonl'),
      purpose: 'batch',
    });
    expect((await through.files.retrieve(file.id)).id).toBe(file.id);
  }
  const through = new Anthropic({ baseURL: `${gateway.url}/passthrough/an`, apiKey, maxRetries: 0 });
  await expect(through.messages.batches.retrieve('none')).rejects.toMatchObject({ status: 404 });
});
