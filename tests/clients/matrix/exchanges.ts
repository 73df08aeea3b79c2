// Scenarios of what is asked and answered: text, turns, schemas, limits, usage, ends.
import { expect } from 'vitest';
import type { Cell } from './cell.ts';

export const plainText = 'Hello from the mock provider, all is well.';

export async function text(cell: Cell): Promise<void> {
  for (const answer of await cell.both(cell.ask('ok'))) {
    expect(answer.text).toBe(plainText);
    expect(answer.thinking).toBe('');
    expect(answer.stop).toBe(cell.client.stops.end);
    expect(answer.usage).toEqual({ input: 12, cached: 0, output: 8 });
    for (const name of [answer.id, answer.model]) expect(name).toMatch(/./);
  }
}

export async function pieces(cell: Cell): Promise<void> {
  const heard: string[] = [];
  await cell.client.streamed(cell.ask('text:40'), { onText: (soFar) => heard.push(soFar) });
  expect(new Set(heard).size).toBe(40);
  expect(heard.at(-1)).toMatch(/^t0 t1 .* t39$/);
}

export async function unicode(cell: Cell): Promise<void> {
  const words = 'naïve café — 東京 👩‍👩‍👧 "quoted" \\ back\ttab\nline 𝕏';
  const ask = cell.ask('echo+split:1', { turns: [{ role: 'user', text: words }] });
  for (const answer of await cell.both(ask)) expect(answer.text).toBe(words);
}

export async function turns(cell: Cell): Promise<void> {
  await cell.client.whole(
    cell.ask('ok', {
      system: 'You are terse.',
      turns: [
        { role: 'user', text: 'one' },
        { role: 'assistant', text: 'un' },
        { role: 'user', text: 'two' },
        { role: 'assistant', text: 'deux' },
        { role: 'user', text: 'three' },
      ],
    }),
  );
  const seen = cell.seen('ok');
  expect(seen.system).toBe('You are terse.');
  expect(seen.turns).toEqual(['user: one', 'assistant: un', 'user: two', 'assistant: deux', 'user: three']);
}

const answerSchema = {
  type: 'object',
  properties: { answer: { type: 'integer' }, big: { type: 'integer' } },
  required: ['answer', 'big'],
  additionalProperties: false,
};

export async function schema(cell: Cell): Promise<void> {
  for (const answer of await cell.both(cell.ask('json', { schema: answerSchema }))) {
    expect(JSON.parse(answer.text)).toMatchObject({ answer: 42 });
    expect(answer.text).toContain('12345678901234567890');
    expect(answer.stop).toBe(cell.client.stops.end);
    expect(cell.seen('json').schema).toMatchObject(answerSchema);
  }
}

export async function cutByLimit(cell: Cell): Promise<void> {
  for (const answer of await cell.both(cell.ask('ok', { maxTokens: 3 }))) {
    expect(answer.text).toBe('Hello from the');
    expect(answer.stop).toBe(cell.client.stops.length);
    expect(cell.seen('ok').maxTokens).toBe(3);
  }
}

/** Which upstreams say that a stop sequence ended the answer. */
const TELLS_STOP = ['an', 'be', 'co'];

export async function stopSequences(cell: Cell): Promise<void> {
  const { stops } = cell.client;
  for (const answer of await cell.both(cell.ask('ok', { stop: [' all', 'NEVER'] }))) {
    expect(answer.text).toBe('Hello from the mock provider,');
    expect(answer.stop).toBe(TELLS_STOP.includes(cell.upstream.provider) ? stops.stop : stops.end);
    expect(cell.seen('ok').stop).toEqual([' all', 'NEVER']);
  }
}

/** By the gateway, where the upstream has none. */
export async function stopSequencesCut(cell: Cell): Promise<void> {
  for (const answer of await cell.both(cell.ask('ok', { stop: [' all', 'NEVER'] }))) {
    expect(answer.text).toBe('Hello from the mock provider,');
    expect(answer.stop).toBe(cell.client.stops.stop);
    expect(answer.usage).toEqual({ input: 12, cached: 0, output: 8 });
    expect(cell.request('ok').body.toString()).not.toContain('NEVER');
  }
}

export async function cachedTokens(cell: Cell): Promise<void> {
  for (const { usage } of await cell.both(cell.ask('cached')))
    expect(usage).toEqual({ input: 2048, cached: 1024, output: 8 });
}

export async function noUsage(cell: Cell): Promise<void> {
  for (const { text: words, stop } of await cell.both(cell.ask('usage-none')))
    expect([words, stop]).toEqual([plainText, cell.client.stops.end]);
}

export async function emptyAnswer(cell: Cell): Promise<void> {
  for (const { text: words, calls } of await cell.both(cell.ask('empty')))
    expect([words, calls]).toEqual(['', []]);
}

export async function settings(cell: Cell): Promise<void> {
  const temperature = 0.5;
  const extra = cell.client.dialect === 'bedrock' ? { inferenceConfig: { temperature } } : { temperature };
  await cell.client.whole(cell.ask('ok', { extra }));
  expect(cell.request('ok').body.toString()).toContain('"temperature":0.5');
}

/** Two turns of one role beside each other. */
export async function neighbours(cell: Cell): Promise<void> {
  await cell.client.whole(
    cell.ask('ok', {
      turns: [
        { role: 'user', text: 'one' },
        { role: 'user', text: 'two' },
        { role: 'assistant', text: 'three' },
        { role: 'user', text: 'four' },
      ],
    }),
  );
  const said = cell
    .seen('ok')
    .turns.join('|')
    .replaceAll(/\n|user: |assistant: |\|/g, ' ');
  expect(said.trim().split(/ +/)).toEqual(expect.arrayContaining(['three', 'four']));
  expect(said.replaceAll(' ', '')).toBe('onetwothreefour');
}

/** How each SDK asks for log probabilities. */
const askOdds: Record<string, Record<string, unknown>> = {
  'openai-chat': { logprobs: true },
  'openai-responses': { include: ['message.output_text.logprobs'] },
  gemini: { responseLogprobs: true },
  cohere: { logprobs: true },
};

export async function logprobs(cell: Cell): Promise<void> {
  const ask = cell.ask('logprobs', { extra: askOdds[cell.client.dialect]! });
  for (const { odds } of await cell.both(ask)) {
    expect(odds.map(({ token }) => token).join('')).toBe(plainText);
    expect(odds.map(({ logprob }) => logprob)).toEqual(odds.map((_, at) => -(at + 1) / 8));
  }
  expect(cell.request('logprobs').body.toString()).toMatch(/logprobs/i);
}

export async function logprobsRefused(cell: Cell): Promise<void> {
  const ask = cell.ask('logprobs', { extra: askOdds[cell.client.dialect]! });
  const failure = await cell.refusal(ask, 'whole');
  expect(failure.error).toBeInstanceOf(cell.client.errorClass(400));
  expect(failure.message).toMatch(/logprobs/i);
}

/** What upstreams say of an answer that was withheld, and what clients hear. */
const WITHHELD: Record<string, string> = {
  oa: 'content_filter',
  rs: 'content_filter',
  an: 'refusal',
  ge: 'SAFETY',
  be: 'guardrail_intervened',
};
const HEARD: Record<string, RegExp> = {
  'openai-chat': /^content_filter$/,
  'openai-responses': /^content_filter$|^completed$/,
  anthropic: /^refusal$/,
  gemini: /^SAFETY$/,
  bedrock: /^(guardrail_intervened|content_filtered)$/,
  cohere: /^ERROR$/,
};

export async function withheld(cell: Cell): Promise<void> {
  const ask = cell.ask(`finish:${WITHHELD[cell.upstream.provider]}`);
  for (const { stop } of await cell.both(ask)) expect(stop).toMatch(HEARD[cell.client.dialect]!);
}

/** A word for the end of an answer that did not exist when this was written. */
export async function newStop(cell: Cell): Promise<void> {
  for (const answer of await cell.both(cell.ask('finish:brand_new'))) {
    expect(answer.text).toBe(plainText);
    if (cell.same) expect(answer.stop).toBe('brand_new');
    else expect(answer.stop).toMatch(/./);
  }
}
