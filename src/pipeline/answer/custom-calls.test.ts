// Calls of custom tools where both sides have such: an answer that is read and written anew in its own dialect, as guardrails, plugins,
// stop sequences and kept answers have it.
import { describe, expect, test } from 'vitest';
import type { Delta, Part } from '../../contracts/chat.ts';
import { restoreAnswer, restoringEncoder } from '../../dialects/tool-memory.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { deltasOf } from './answer-stream.ts';
import { Gathered } from './gather-stream.ts';

/** As it would be spelled for a provider that has functions alone, and is not meant so. */
const INPUT = '{"input":"x"}';
/** Of a provider that has custom tools, asked by a client who has. */
const MEMORY = { custom: ['code'], renamed: {} };
const CONTEXT = {
  requestId: 'r',
  model: 'm',
  now: 0,
  includeUsage: true,
  promptEstimate: 1,
  template: '',
  toolIds: [],
};
const NOWHERE = { emit() {}, emitLines() {} };
type Events = readonly (readonly [event: string, data: string])[];

const inChat = (input: string) => ({ id: 'c', type: 'custom', custom: { name: 'code', input } });
const inResponses = (input: string) => ({
  id: 'ctc_1',
  type: 'custom_tool_call',
  call_id: 'c',
  name: 'code',
  input,
  status: 'completed',
});

const WHOLE = {
  'openai-chat': {
    id: 'a',
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: [inChat(INPUT)] },
        finish_reason: 'tool_calls',
      },
    ],
  },
  'openai-responses': {
    id: 'r',
    object: 'response',
    status: 'completed',
    model: 'm',
    output: [inResponses(INPUT)],
  },
};

function chatEvents(input: string): Events {
  const choice = (delta: object, finish: string | null = null): readonly [string, string] => {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    return ['', JSON.stringify({ id: 'a', object: 'chat.completion.chunk', choices })];
  };
  const piece = (text: string) => choice({ tool_calls: [{ index: 0, custom: { input: text } }] });
  return [
    choice({ tool_calls: [{ ...inChat(''), index: 0 }] }),
    ...(input === '' ? [] : [piece(input.slice(0, 4)), piece(input.slice(4))]),
    choice({}, 'tool_calls'),
    ['', '[DONE]'],
  ];
}

function responsesEvents(input: string): Events {
  const response = WHOLE['openai-responses'];
  const place = { output_index: 0, item_id: 'ctc_1' };
  const item = inResponses(input);
  const deltas =
    input === '' ? [] : [{ type: 'response.custom_tool_call_input.delta', ...place, delta: input }];
  const events = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, input: '' } },
    ...deltas,
    { type: 'response.custom_tool_call_input.done', ...place, input },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...response, output: [item] } },
  ];
  return events.map((event, at) => [event.type, JSON.stringify({ ...event, sequence_number: at })] as const);
}

const EVENTS = { 'openai-chat': chatEvents, 'openai-responses': responsesEvents };

describe.each(['openai-chat', 'openai-responses'] as const)('a call of a custom tool in %s', (name) => {
  const { chat } = dialectByName(name);

  function gathered(events: Events, remembers: boolean): Part[] {
    const decoder = chat.createDecoder();
    const whole = new Gathered();
    const plain = { encode: (delta: Delta) => whole.add(delta) };
    const encoder = remembers ? restoringEncoder(plain, MEMORY) : plain;
    for (const [event, data] of events)
      for (const delta of decoder.decode(event, data)) encoder.encode(delta, NOWHERE);
    return whole.answer.parts;
  }

  test.each([false, true])('is one still when it is written anew (remembered: %s)', (remembers) => {
    const decoded = chat.decodeAnswer(WHOLE[name]);
    const answer = remembers ? restoreAnswer(decoded, MEMORY) : decoded;
    const body = JSON.parse(chat.encodeAnswer(answer, CONTEXT));
    const [told] = name === 'openai-chat' ? body.choices[0].message.tool_calls : body.output;
    const { id: _, ...said } = inResponses(INPUT);
    expect(told).toMatchObject(name === 'openai-chat' ? inChat(INPUT) : said);
    const whole = new Gathered();
    for (const delta of deltasOf(decoded)) whole.add(delta);
    expect(whole.answer.parts).toEqual(decoded.parts);
  });

  test.each([
    [INPUT, false],
    [INPUT, true],
    ['', false],
    ['', true],
  ])('is one still in a stream: %j (remembered: %s)', (input, remembers) => {
    expect(gathered(EVENTS[name](input), remembers)).toEqual([
      { kind: 'tool_call', id: 'c', name: 'code', arguments: input, cache: null, custom: true },
    ]);
  });
});
