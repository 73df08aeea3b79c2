import { expect, test } from 'vitest';
import type { JsonObject } from '../../contracts/json.ts';
import { FirstStream, firstAnswer } from './first-answer.ts';
import { FIRST_DEFAULT_MODEL, secondOfGenerate, secondRequest } from './first-request.ts';

const second = (body: object): JsonObject => secondRequest({ message: 'hi', ...body } as JsonObject).body;

test('a question becomes the last message, behind the preamble and what was said', () => {
  expect(
    second({
      preamble: 'Be terse.',
      chat_history: [
        { role: 'SYSTEM', message: 'You are a mock.' },
        { role: 'USER', message: 'a' },
        { role: 'chatbot', message: 'b' },
      ],
      temperature: 0.3,
      max_tokens: 7,
      stop_sequences: ['x'],
      citation_quality: 'off',
      safety_mode: 'NONE',
      prompt_truncation: 'AUTO',
    }),
  ).toEqual({
    model: FIRST_DEFAULT_MODEL,
    temperature: 0.3,
    max_tokens: 7,
    stop_sequences: ['x'],
    citation_options: { mode: 'OFF' },
    safety_mode: 'OFF',
    messages: [
      { role: 'system', content: 'Be terse.' },
      { role: 'system', content: 'You are a mock.' },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'hi' },
    ],
  });
});

const call = (name: string, parameters: object = {}) => ({ name, parameters });

test('of more results than calls the rest is told with the last one of its name', () => {
  const { messages } = second({
    message: '',
    chat_history: [{ role: 'CHATBOT', message: '', tool_calls: [call('f')] }],
    tool_results: [1, 2].map((v) => ({ call: call('f'), outputs: [{ v }] })),
  });
  const told = [1, 2].map((v) => ({ type: 'document', document: { data: { v } } }));
  expect(messages).toMatchObject([
    { tool_calls: [{ id: 'call_0' }] },
    { role: 'tool', tool_call_id: 'call_0', content: told },
  ]);
});

test('results stand right behind their calls, in front of what is asked next', () => {
  const { messages } = second({
    message: 'and now?',
    chat_history: [{ role: 'CHATBOT', message: '', tool_calls: [call('f')] }],
    tool_results: [{ call: call('f'), outputs: [{ v: 1 }] }],
  });
  expect((messages as JsonObject[]).map(({ role }) => role)).toEqual(['assistant', 'tool', 'user']);
});

test('results answer the calls before them in order, two of one name too', () => {
  const { messages } = second({
    message: '',
    chat_history: [
      { role: 'USER', message: 'q' },
      {
        role: 'CHATBOT',
        message: 'I will look.',
        tool_calls: [call('f', { a: 1 }), call('g'), call('f', { a: 2 })],
      },
    ],
    tool_results: [
      { call: call('f', { a: 1 }), outputs: [{ v: 1 }] },
      { call: call('f', { a: 2 }), outputs: ['two'] },
      { call: call('g'), outputs: [] },
    ],
  });
  const document = (data: object) => [{ type: 'document', document: { data } }];
  expect(messages).toEqual([
    { role: 'user', content: 'q' },
    {
      role: 'assistant',
      tool_plan: 'I will look.',
      tool_calls: [
        { id: 'call_0', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
        { id: 'call_1', type: 'function', function: { name: 'g', arguments: '{}' } },
        { id: 'call_2', type: 'function', function: { name: 'f', arguments: '{"a":2}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_0', content: document({ v: 1 }) },
    { role: 'tool', tool_call_id: 'call_2', content: document({ output: 'two' }) },
    { role: 'tool', tool_call_id: 'call_1', content: '' },
  ]);
});

test('results that nobody asked for say what was called', () => {
  const { messages } = second({ tool_results: [{ call: call('f', { a: 1 }), outputs: [{ v: 1 }] }] });
  expect(messages).toMatchObject([
    { role: 'user', content: 'hi' },
    { role: 'assistant', tool_calls: [{ id: 'call_0', function: { name: 'f' } }] },
    { role: 'tool', tool_call_id: 'call_0' },
  ]);
});

test('a tool’s parameters become a schema', () => {
  const definitions = {
    a: { type: 'str', description: 'A', required: true },
    b: { type: 'List[int]' },
    c: { type: 'Dict[str, int]' },
    d: { type: 'bool', required: false },
    e: { type: 'Anything' },
    f: { type: 'list' },
    g: { type: 'number' },
  };
  const { tools } = second({ tools: [{ name: 'f', description: 'F', parameter_definitions: definitions }] });
  expect(tools).toEqual([
    {
      type: 'function',
      function: {
        name: 'f',
        description: 'F',
        parameters: {
          type: 'object',
          properties: {
            a: { type: 'string', description: 'A' },
            b: { type: 'array', items: { type: 'integer' } },
            c: { type: 'object' },
            d: { type: 'boolean' },
            e: {},
            f: { type: 'array', items: {} },
            g: { type: 'number' },
          },
          required: ['a'],
        },
      },
    },
  ]);
});

test('documents keep what they show, and hide what they exclude', () => {
  const documents = [{ id: 'd', title: 'T', url: 'u', _excludes: ['url'] }, { snippet: 's' }];
  expect(second({ documents })['documents']).toEqual([
    { id: 'd', data: { title: 'T' } },
    { id: 'doc_1', data: { snippet: 's' } },
  ]);
});

test.each([
  [{ connectors: [{ id: 'web-search' }] }, 'connectors'],
  [{ search_queries_only: true }, 'search_queries_only'],
  [{ conversation_id: 'c' }, 'conversation_id'],
  [{ raw_prompting: true }, 'raw_prompting'],
  [{ message: 1 }, 'message'],
  [{ chat_history: [{ role: 'NOBODY', message: 'x' }] }, 'chat_history[0].role'],
  [{ tools: [{ name: 'f', parameter_definitions: { a: {} } }] }, 'tools[0].parameter_definitions.a.type'],
  [{ citation_quality: 'best' }, 'citation_quality'],
])('%j is refused by its name', (body, param) => {
  expect(() => second(body)).toThrow(expect.objectContaining({ code: 'GW_CLIENT_BAD_REQUEST', param }));
});

test.each([
  { connectors: [] },
  { search_queries_only: false },
  { conversation_id: '' },
  { raw_prompting: null },
])('%j asks for nothing', (body) => {
  expect(second(body)['messages']).toHaveLength(1);
});

const ASKED = {
  history: [{ role: 'USER', message: 'hi' }],
  documents: [{ title: 'T' }, { id: 'x', title: 'X' }],
};
const CITED = {
  start: 0,
  end: 2,
  text: 'It',
  sources: [{ type: 'document', id: 'doc_0', document: { id: 'doc_0', title: 'T' } }],
};
const USAGE = {
  billed_units: { input_tokens: 1, output_tokens: 2 },
  tokens: { input_tokens: 3, output_tokens: 2 },
};

test('a whole answer tells its text, what it cites and the conversation', () => {
  const body = {
    id: 'g',
    finish_reason: 'MAX_TOKENS',
    message: {
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'It ' },
        { type: 'text', text: 'is.' },
      ],
      citations: [CITED],
    },
    usage: USAGE,
  };
  expect(firstAnswer(body, ASKED)).toEqual({
    response_id: 'g',
    generation_id: 'g',
    text: 'It is.',
    finish_reason: 'MAX_TOKENS',
    chat_history: [
      { role: 'USER', message: 'hi' },
      { role: 'CHATBOT', message: 'It is.' },
    ],
    citations: [{ start: 0, end: 2, text: 'It', document_ids: ['doc_0'] }],
    documents: [{ id: 'doc_0', title: 'T' }],
    meta: { api_version: { version: '1' }, ...USAGE },
  });
});

test('a stream tells the same, event by event', () => {
  const stream = new FirstStream(ASKED);
  const fn = (more: object) => ({ message: { tool_calls: { function: more } } });
  const events: object[] = [
    { type: 'message-start', id: 'g', delta: { message: {} } },
    { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I look.' } } },
    { type: 'content-delta', index: 0, delta: { message: { content: { thinking: 'Hm.' } } } },
    { type: 'tool-call-start', index: 0, delta: fn({ name: 'f', arguments: '' }) },
    { type: 'tool-call-delta', index: 0, delta: fn({ arguments: '{"a"' }) },
    { type: 'tool-call-delta', index: 0, delta: fn({ arguments: ':1}' }) },
    { type: 'tool-call-end', index: 0 },
    { type: 'citation-start', index: 0, delta: { message: { citations: CITED } } },
    { type: 'citation-end', index: 0 },
    { type: 'message-end', delta: { finish_reason: 'TOOL_CALL', usage: USAGE } },
  ];
  const told = events.flatMap((event) => stream.take(event as JsonObject));
  expect(told.map(({ event_type: type, is_finished: over }) => [type, over])).toEqual([
    ['stream-start', false],
    ['tool-calls-chunk', false],
    ['tool-calls-chunk', false],
    ['tool-calls-chunk', false],
    ['tool-calls-chunk', false],
    ['citation-generation', false],
    ['tool-calls-generation', false],
    ['stream-end', true],
  ]);
  expect(told[3]).toMatchObject({ tool_call_delta: { index: 0, parameters: '{"a"' } });
  expect(told.at(-2)).toMatchObject({ text: 'I look.', tool_calls: [call('f', { a: 1 })] });
  expect(told.at(-1)).toMatchObject({
    finish_reason: 'COMPLETE',
    response: { text: 'I look.', tool_calls: [call('f', { a: 1 })], meta: USAGE },
  });
});

test('a text to go on from is a chat of one question, told as one generation', () => {
  const { body, asked } = secondOfGenerate({
    prompt: 'Once',
    num_generations: 1,
    return_likelihoods: 'NONE',
    max_tokens: 5,
    end_sequences: ['.'],
    truncate: 'END',
  });
  expect(body).toEqual({
    model: FIRST_DEFAULT_MODEL,
    max_tokens: 5,
    stop_sequences: ['.'],
    messages: [{ role: 'user', content: 'Once' }],
  });
  const message = { content: [{ type: 'text', text: ' upon' }] };
  const whole = {
    id: 'g',
    prompt: 'Once',
    generations: [{ id: 'g', text: ' upon', index: 0, finish_reason: 'MAX_TOKENS' }],
    meta: { api_version: { version: '1' }, ...USAGE },
  };
  expect(firstAnswer({ id: 'g', finish_reason: 'MAX_TOKENS', message, usage: USAGE }, asked)).toEqual(whole);
  const stream = new FirstStream(asked);
  const events: object[] = [
    { type: 'message-start', id: 'g', delta: { message: {} } },
    { type: 'content-delta', index: 0, delta: { message: { content: { text: ' upon' } } } },
    { type: 'message-end', delta: { finish_reason: 'MAX_TOKENS', usage: USAGE } },
  ];
  expect(events.flatMap((event) => stream.take(event as JsonObject))).toEqual([
    { is_finished: false, event_type: 'text-generation', text: ' upon' },
    { is_finished: true, event_type: 'stream-end', finish_reason: 'MAX_TOKENS', response: whole },
  ]);
});

test.each([
  [{ num_generations: 2 }, 'num_generations'],
  [{ return_likelihoods: 'ALL' }, 'return_likelihoods'],
  [{ preset: 'mine' }, 'preset'],
  [{ prompt: null }, 'prompt'],
])('a generation with %j is refused by its name', (more, param) => {
  expect(() => secondOfGenerate({ prompt: 'x', ...more })).toThrow(
    expect.objectContaining({ code: 'GW_CLIENT_BAD_REQUEST', param }),
  );
});
