// What came before chats, pictures, and decisions, through the real `openai` package to upstreams that have them and to others.
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { mockPicture } from '../kit/mock-pictures.ts';

const harness = useGateway({
  dialects: true,
  models: { 'gpt-image-1': { targets: ['oa/gpt-image-1'] } },
});
let client: OpenAI;
beforeAll(() => {
  client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
});

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);
const plainText = 'Hello from the mock provider, all is well.';

interface Streamed {
  text: string;
  reasons: (string | null)[];
  usage: number | undefined;
}

async function collect(stream: AsyncIterable<OpenAI.Completion>): Promise<Streamed> {
  const seen: Streamed = { text: '', reasons: [], usage: undefined };
  for await (const { object, choices, usage } of stream) {
    expect(object).toBe('text_completion');
    for (const choice of choices) {
      seen.text += choice.text;
      if (choice.finish_reason !== null) seen.reasons.push(choice.finish_reason);
    }
    if (usage) seen.usage = usage.total_tokens;
  }
  return seen;
}

describe('a completion', () => {
  test('goes as it came to who has them, whole and streamed', async () => {
    const whole = await client.completions.create({
      model: 'oa/davinci-002',
      prompt: ['one', 'two'],
      logprobs: 1,
    });
    expect(whole.choices.map(({ text }) => text)).toEqual(['one and more', 'two and more']);
    expect(sent('prompt')).toEqual(['one', 'two']);
    const stream = await client.completions.create({ model: 'oa/davinci-002', prompt: 'one', stream: true });
    expect(await collect(stream)).toEqual({ text: 'one and more', reasons: ['length'], usage: undefined });
    // It was asked for all the same, and hidden.
    expect(sent('stream_options.include_usage')).toBe(true);
    const counted = await client.completions.create({
      model: 'oa/davinci-002',
      prompt: 'one',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect((await collect(counted)).usage).toBe(5);
  });

  test('that breaks off ends in an error', async () => {
    const stream = await client.completions.create({ model: 'oa/cut', prompt: 'one', stream: true });
    await expect(collect(stream)).rejects.toThrow();
  });

  test.each(['an', 'ge', 'co', 'be', 'rs'])('is a chat to %s, whole and streamed', async (provider) => {
    const model = `${provider}/ok`;
    const whole = await client.completions.create({ model, prompt: 'Say hello.', max_tokens: 50 });
    expect(whole.object).toBe('text_completion');
    expect(whole.choices).toMatchObject([{ text: plainText, index: 0, finish_reason: 'stop' }]);
    expect(whole.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 8 });
    const stream = await client.completions.create({
      model,
      prompt: 'Say hello.',
      max_tokens: 50,
      stream: true,
    });
    expect(await collect(stream)).toEqual({ text: plainText, reasons: ['stop'], usage: undefined });
  });

  test.each(['an', 'ge', 'co', 'rs'])(
    'of several prompts and answers is several calls to %s',
    async (provider) => {
      const before = harness.mock.requests.length;
      const asked = {
        model: `${provider}/ok`,
        prompt: ['one', 'two'],
        n: 2,
        best_of: 2,
        max_tokens: 50,
        echo: true,
      };
      const whole = await client.completions.create(asked);
      const texts = [`one${plainText}`, `one${plainText}`, `two${plainText}`, `two${plainText}`];
      expect(whole.choices.map(({ text, index }) => [index, text])).toEqual(
        texts.map((text, at) => [at, text]),
      );
      // Gemini gives several answers to one question by itself.
      const calls = provider === 'ge' ? 2 : 4;
      expect(harness.mock.requests.length - before).toBe(calls);
      if (calls === 4) expect(whole.usage).toMatchObject({ prompt_tokens: 48, completion_tokens: 32 });
      const stream = await client.completions.create({
        ...asked,
        stream: true,
        stream_options: { include_usage: true },
      });
      const seen = new Map<number, string>();
      let usage: number | undefined;
      for await (const piece of stream) {
        for (const { index, text } of piece.choices) seen.set(index, (seen.get(index) ?? '') + text);
        usage = piece.usage?.completion_tokens ?? usage;
      }
      expect([...seen.values()]).toEqual(texts);
      if (calls === 4) expect(usage).toBe(32);
    },
  );

  test('says again what it was asked, whole and streamed', async () => {
    const asked = { model: 'an/ok', prompt: 'Say hello. ', echo: true, max_tokens: 50 };
    const whole = await client.completions.create(asked);
    expect(whole.choices[0]!.text).toBe(`Say hello. ${plainText}`);
    const stream = await client.completions.create({ ...asked, stream: true });
    expect((await collect(stream)).text).toBe(`Say hello. ${plainText}`);
  });

  test('that no chat can be is refused by the name of what it wants', async () => {
    const asked = (more: object) => client.completions.create({ model: 'an/ok', prompt: 'x', ...more });
    await expect(asked({ suffix: 'y' })).rejects.toMatchObject({ status: 400, param: 'suffix' });
    await expect(asked({ prompt: [[1, 2], [3]] })).rejects.toMatchObject({ status: 400, param: 'prompt' });
    await expect(asked({ n: 2, best_of: 3 })).rejects.toMatchObject({ status: 400, param: 'best_of' });
    await expect(asked({ logprobs: 2 })).rejects.toMatchObject({ status: 400, param: 'logprobs' });
    await expect(asked({ echo: true, logprobs: 0 })).rejects.toMatchObject({
      status: 400,
      param: 'logprobs',
    });
    await expect(asked({ n: 65 })).rejects.toMatchObject({ status: 400, param: 'n' });
    const many = Array.from({ length: 65 }, () => 'x');
    await expect(asked({ prompt: many })).rejects.toMatchObject({ status: 400, param: 'prompt' });
    await expect(asked({ prompt: 7 })).rejects.toMatchObject({ status: 400, param: 'prompt' });
  });
});

describe('a picture', () => {
  test('comes whole, with its vendor’s own model where none is named', async () => {
    const { data, usage } = await client.images.generate({ prompt: 'a boat', n: 2, size: '1024x1024' });
    expect(data?.map(({ b64_json: text }) => text)).toEqual([mockPicture(300_000), mockPicture(300_000)]);
    expect(usage?.output_tokens).toBe(800);
    expect(sent('model')).toBe('gpt-image-1');
  });

  test('comes in a stream behind its previews', async () => {
    const stream = await client.images.generate({
      model: 'oa/gpt-image-1',
      prompt: 'a boat',
      stream: true,
      partial_images: 2,
    });
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type);
      expect(event.b64_json).toBe(mockPicture(300_000));
      if (event.type === 'image_generation.completed') expect(event.usage.total_tokens).toBe(411);
    }
    expect(types).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
  });

  test('is made of others that JSON names, whole and streamed', async () => {
    const asked = (more: object): Promise<Response> =>
      fetch(`${harness.url}/v1/images/edits`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ model: 'oa/gpt-image-2', prompt: 'greener', ...more }),
      });
    const images = [{ image_url: 'https://a.example/a.png' }];
    const whole = await asked({ images, n: 2 });
    expect([whole.status, pick(await whole.json(), 'usage.output_tokens')]).toEqual([200, 800]);
    expect([sent('model'), sent('images')]).toEqual(['gpt-image-2', images]);
    const stream = await asked({ image: { url: 'https://a.example' }, stream: true });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(await stream.text()).toContain('image_generation.completed');
    expect((await asked({ images: ['words'] })).status).toBe(400);
    expect((await asked({ model: 'co/command', images })).status).toBe(400);
  });

  test('that fails ends in an error, and one of another vendor’s is refused', async () => {
    const stream = await client.images.generate({
      model: 'oa/failing',
      prompt: 'x',
      stream: true,
      partial_images: 1,
    });
    await expect(
      (async () => {
        for await (const event of stream) expect(event.type).toBe('image_generation.partial_image');
      })(),
    ).rejects.toThrow();
    await expect(client.images.generate({ model: 'co/command', prompt: 'x' })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('serves no image'),
    });
  });
});

describe('a decision', () => {
  const questions = [
    {
      type: 'choice',
      name: 'craft',
      instructions: 'What is it?',
      choices: [{ value: 'boat' }, { value: 'cart' }],
    },
    { type: 'predicate', name: 'afloat', instructions: 'Does it float?' },
    { type: 'score', levels: [{ label: 'bad' }, { label: 'fair', description: 'so so' }, { label: 'good' }] },
  ];
  const decide = (model: string, input: unknown = 'a barge') =>
    client.post('/decisions', { body: { model, input, questions } }) as Promise<Record<string, unknown>>;

  test.each(['oa', 'an', 'ge', 'co', 'be', 'rs'])('is a call that %s must make', async (provider) => {
    const answer = await decide(`${provider}/call:decide:q0=boat:q1=0.25:q2=1.5`);
    expect(answer['answers']).toEqual([
      { type: 'choice', name: 'craft', choice: 'boat' },
      { type: 'predicate', name: 'afloat', probability: 0.25 },
      { type: 'score', score: 1.5 },
    ]);
    expect(pick(answer, 'usage.total_tokens')).toBeGreaterThan(0);
  });

  test('is asked of models that are made for it as it came', async () => {
    const answer = await decide('oa/gpt-6-luna', { structured: [1] });
    expect(pick(answer, 'answers.0.probability')).toBe(0.75);
    expect(sent('input')).toEqual({ structured: [1] });
  });

  test('takes messages with pictures, and refuses what is no question', async () => {
    const image =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const content = [
      { type: 'input_text', text: 'see' },
      { type: 'input_image', image_url: image },
    ];
    await decide('oa/call:decide:q0=cart:q1=1:q2=0', [{ role: 'user', content }]);
    expect(sent('messages.1.content.1.image_url.url')).toBe(image);
    expect(sent('tool_choice.function.name')).toBe('decide');
    const wrong = client.post('/decisions', {
      body: { model: 'oa/ok', input: 'x', questions: [{ type: 'odd' }] },
    });
    await expect(wrong).rejects.toMatchObject({ status: 400, param: 'questions[0].type' });
    await expect(decide('oa/call:decide:q0=raft:q1=1:q2=0')).rejects.toMatchObject({ status: 502 });
  });
});
