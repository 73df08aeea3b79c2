// Scenarios of tools: calls and their results both ways, choices, names and schemas as they are in the wild.
import { expect } from 'vitest';
import type { Cell } from './cell.ts';
import type { Answer, Ask, Tool } from './client.ts';
import { plainText } from './exchanges.ts';

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

/** More than a double holds. */
const BIG = '12345678901234567890';

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
