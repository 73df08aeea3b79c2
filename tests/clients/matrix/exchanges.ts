// Scenarios of what is asked and answered: text, turns, tools, pictures, schemas, limits, usage.
import { expect } from 'vitest';
import type { Cell } from './cell.ts';
import type { Answer, Ask, Tool } from './client.ts';

export const plainText = 'Hello from the mock provider, all is well.';
export const weather: Tool = {
  name: 'get_weather',
  description: 'Weather of a city',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
export const time: Tool = {
  name: 'get_time',
  description: 'Time in a zone',
  schema: { type: 'object', properties: { zone: { type: 'string' } } },
};
const ping: Tool = { name: 'ping', description: 'Answers', schema: { type: 'object', properties: {} } };
const store: Tool = {
  name: 'store',
  description: 'Keeps a number',
  schema: { type: 'object', properties: { id: { type: 'integer' } } },
};

const BIG = '12345678901234567890';

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

/** The question, the answer as it came, and the results of its calls. */
function continued(ask: Ask, answer: Answer): Ask {
  const results = answer.calls.map(({ id, name }, at) => ({
    id,
    name,
    text: at === 0 ? '21 degrees' : 'noon',
  }));
  return { ...ask, turns: [...ask.turns, { role: 'said', answer }, { role: 'results', results }] };
}

function pairs(cell: Cell, results: readonly { id: string }[]): unknown[] {
  const calls = cell.seen('parallel-tools').calls;
  // Gemini pairs them by name.
  return results.map(({ id }) =>
    calls.findIndex((call) => (cell.upstream.provider === 'ge' ? call.name : call.id) === id),
  );
}

export async function parallelTools(cell: Cell): Promise<void> {
  const ask = cell.ask('parallel-tools', {
    turns: [{ role: 'user', text: 'Weather and time in Paris?' }],
    tools: [weather, time],
  });
  const answers = await cell.both(ask);
  for (const answer of answers) {
    expect(answer.calls.map(({ name, args }) => [name, args])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ]);
    expect(new Set(answer.calls.map(({ id }) => id)).size).toBe(2);
    expect(answer.stop).toBe(cell.client.stops.tools);
  }
  const asked = cell.seen('parallel-tools');
  expect(asked.tools.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
  expect(asked.tools[0]!.schema).toMatchObject(weather.schema);
  for (const answer of answers) {
    const next = continued(ask, answer);
    for (const last of await cell.both(next)) {
      expect(last.text).toBe('It is 21 degrees in Paris.');
      expect(last.calls).toEqual([]);
    }
    const seen = cell.seen('parallel-tools');
    expect(seen.calls.map(({ name, args }) => [name, args])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ]);
    expect(pairs(cell, seen.results)).toEqual([0, 1]);
    expect(seen.results[0]!.text).toContain('21 degrees');
    expect(seen.results[1]!.text).toContain('noon');
  }
}

export async function textBeforeTools(cell: Cell): Promise<void> {
  const ask = cell.ask('tools+with-text', { tools: [weather] });
  for (const answer of await cell.both(ask)) {
    expect(answer.text).toBe(plainText);
    expect(answer.calls.map(({ args }) => args)).toEqual([{ city: 'Paris' }]);
    await cell.client.whole(continued(ask, answer));
    expect(cell.seen('tools+with-text').turns).toEqual(['user: hello', `assistant: ${plainText}`]);
  }
}

export async function noArguments(cell: Cell): Promise<void> {
  const ask = cell.ask('tool-no-args', { tools: [ping] });
  for (const answer of await cell.both(ask)) {
    expect(answer.calls.map(({ name, args }) => [name, args])).toEqual([['ping', {}]]);
    await cell.client.whole(continued(ask, answer));
    expect(cell.seen('tool-no-args').calls.map(({ args }) => args)).toEqual([{}]);
  }
}

/** Whole numbers beyond 2⁵³ in arguments, where the SDK shows their text. */
export async function bigIntegers(cell: Cell): Promise<void> {
  const ask = cell.ask('big-int', { tools: [store] });
  for (const { calls } of await cell.both(ask)) {
    expect(calls).toHaveLength(1);
    const { args, json } = calls[0]!;
    expect(args).toMatchObject({ zero: 0, none: {} });
    if (json !== null) expect(json).toContain(BIG);
  }
}

export async function bigIntegersBack(cell: Cell): Promise<void> {
  const json = `{"id":${BIG}}`;
  await cell.client.whole(
    cell.ask('ok', {
      tools: [store],
      turns: [
        { role: 'user', text: 'keep it' },
        { role: 'calls', calls: [{ id: 'call_abc123def', name: 'store', json }] },
        { role: 'results', results: [{ id: 'call_abc123def', name: 'store', text: 'kept' }] },
      ],
    }),
  );
  expect(cell.request('ok').body.toString()).toContain(BIG);
}

export async function toolRequired(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('tools', { tools: [weather, time], choice: 'required' }));
  const seen = cell.seen('tools');
  expect(seen.choice).toBe('required');
  expect(seen.tools.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
}

export async function toolNamed(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('tools', { tools: [weather, time], choice: { name: 'get_weather' } }));
  expect(cell.seen('tools').choice).toBe('get_weather');
}

/** Where a tool cannot be named it is the only one, and some tool has to be called. */
export async function toolNamedAlone(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('tools', { tools: [weather, time], choice: { name: 'get_weather' } }));
  const { choice, tools } = cell.seen('tools');
  expect([choice, tools.map(({ name }) => name)]).toEqual(['required', ['get_weather']]);
}

export async function toolNone(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('ok', { tools: [weather, time], choice: 'none' }));
  expect(cell.seen('ok').choice).toBe('none');
}

/** Where tools cannot be forbidden there are none. */
export async function toolNoneLeftOut(cell: Cell): Promise<void> {
  await cell.client.whole(cell.ask('ok', { tools: [weather, time], choice: 'none' }));
  const { choice, tools } = cell.seen('ok');
  expect([choice, tools]).toEqual([null, []]);
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
    expect(answer.text).toContain(BIG);
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

export async function stopSequencesRefused(cell: Cell): Promise<void> {
  const { status, message } = await cell.refusal(cell.ask('ok', { stop: ['END'] }), 'whole');
  expect(status).toBe(400);
  expect(message).toMatch(/stop/i);
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

/** Names and schemas as MCP servers make them. */
export async function oddTools(cell: Cell): Promise<void> {
  const tools: Tool[] = [
    { ...weather, name: 'mcp__files__read_a_file_that_lies_somewhere_below_the_folder_of_work' },
    {
      name: 'nested',
      description: 'Has a schema with all that schemas have',
      schema: {
        type: 'object',
        properties: {
          kind: { type: 'string', enum: ['a', 'b'] },
          list: { type: 'array', items: { $ref: '#/$defs/item' } },
          either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          odd: { type: 'number', minimum: 0, maximum: 10 },
        },
        required: ['kind'],
        additionalProperties: false,
        $defs: { item: { type: 'object', properties: { n: { type: 'integer' } } } },
      },
    },
  ];
  await cell.client.whole(cell.ask('ok', { tools }));
  const seen = cell.seen('ok');
  expect(seen.tools).toHaveLength(2);
  expect(seen.tools[1]!.schema).toMatchObject({
    properties: { kind: { enum: ['a', 'b'] } },
    required: ['kind'],
  });
  expect(Object.keys((seen.tools[1]!.schema as { properties: object }).properties)).toEqual([
    'kind',
    'list',
    'either',
    'odd',
  ]);
}

export async function failedTool(cell: Cell): Promise<void> {
  const ask = cell.ask('tools', { tools: [weather] });
  const answer = await cell.client.whole(ask);
  const results = answer.calls.map(({ id, name }) => ({ id, name, text: 'no such city', failed: true }));
  await cell.client.whole({
    ...ask,
    turns: [...ask.turns, { role: 'said', answer }, { role: 'results', results }],
  });
  expect(cell.seen('tools').results[0]!.text).toContain('no such city');
}

/** A history with calls, in a request that offers no tools any more. */
export async function toolsGone(cell: Cell): Promise<void> {
  const ask = cell.ask('tools', { tools: [weather] });
  const answer = await cell.client.whole(ask);
  const results = answer.calls.map(({ id, name }) => ({ id, name, text: '21 degrees' }));
  const { tools: _, ...rest } = ask;
  const last = await cell.client.whole({
    ...rest,
    turns: [...ask.turns, { role: 'said', answer }, { role: 'results', results }],
  });
  expect(last.text).toBe('It is 21 degrees in Paris.');
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
