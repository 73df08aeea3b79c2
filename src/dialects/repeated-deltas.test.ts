// Decoders that know a delta by the one before it say what they say of one that they parse.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { StreamDecoder } from '../contracts/dialect.ts';
import type { GatewayError } from '../contracts/errors.ts';
import { dialectByName } from '../registry/dialects.ts';

type Told = readonly [event: string, data: object];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
  fc.constantFrom('', '"', '\\', '\n', 'a\u0001b', '{"index":0,"text":"x"}'),
);

const messages = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: text.map((said) => delta(0, { type: 'text_delta', text: said })) },
    { weight: 4, arbitrary: text.map((said) => delta(1, { type: 'thinking_delta', thinking: said })) },
    fc.constant<Told>(['ping', { type: 'ping' }]),
    fc.constant<Told>(['content_block_stop', { type: 'content_block_stop', index: 1 }]),
    text.map((said): Told => delta(0, { type: 'text_delta', text: said, more: said })),
    fc.constant<Told>(['message_stop', { type: 'message_stop' }]),
  ),
  { maxLength: 24 },
);

function delta(index: number, said: object): Told {
  return ['content_block_delta', { type: 'content_block_delta', index, delta: said }];
}

const start = (index: number, block: object): Told => [
  'content_block_start',
  { type: 'content_block_start', index, content_block: block },
];

const contents = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: text.map((said): Told => ['', message({ text: said }, said.length)]) },
    { weight: 4, arbitrary: text.map((said): Told => ['', message({ text: said, thought: true })]) },
    fc.constant<Told>(['', message({ functionCall: { name: 'f', args: {} } })]),
    text.map((said): Told => ['', message({ text: said, thoughtSignature: 's' })]),
    fc.constant<Told>(['', { candidates: [{ content: { parts: [] }, finishReason: 'STOP' }] }]),
  ),
  { maxLength: 24 },
);

function message(part: object, tokens = 1): object {
  const candidates = [{ content: { parts: [part], role: 'model' }, index: 0 }];
  return {
    candidates,
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: tokens },
    responseId: 'r',
  };
}

const items = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: text.map((said) => ['output_text.delta', { ...at(0), delta: said }] as const) },
      {
        weight: 4,
        arbitrary: text.map(
          (said) => ['reasoning_summary_text.delta', { ...at(1), summary_index: 0, delta: said }] as const,
        ),
      },
      text.map(
        (said) => ['reasoning_summary_text.delta', { ...at(1), summary_index: 1, delta: said }] as const,
      ),
      text.map((said) => ['output_text.delta', { ...at(0), delta: said, obfuscation: said }] as const),
      text.map(
        (said) =>
          [
            'output_text.delta',
            { ...at(0), delta: said, logprobs: [{ token: said, logprob: -1, bytes: [], top_logprobs: [] }] },
          ] as const,
      ),
      fc.constant(['output_text.done', { ...at(0), text: 'something else' }] as const),
      fc.constant(['output_item.done', { output_index: 1, item: { type: 'reasoning', id: 'i1' } }] as const),
    ),
    { maxLength: 24 },
  )
  .map((told) =>
    told.map(([name, more], number): Told => {
      const type = `response.${name}`;
      return [type, { type, sequence_number: number + 3, ...more }];
    }),
  );

function at(index: number): object {
  return { item_id: `i${index}`, output_index: index, content_index: 0 };
}

const added = (index: number, type: string): Told => {
  const name = 'response.output_item.added';
  return [
    name,
    { type: name, sequence_number: index + 1, output_index: index, item: { type, id: `i${index}` } },
  ];
};

const STREAMS: readonly (readonly [DialectName, readonly Told[], fc.Arbitrary<readonly Told[]>])[] = [
  [
    'anthropic',
    [
      ['message_start', { type: 'message_start', message: { id: 'm', model: 'm' } }],
      start(0, { type: 'text', text: '' }),
      start(1, { type: 'thinking', thinking: '' }),
    ],
    messages,
  ],
  ['gemini', [], contents],
  [
    'openai-responses',
    [
      [
        'response.created',
        { type: 'response.created', sequence_number: 0, response: { id: 'r', object: 'response' } },
      ],
      added(0, 'message'),
      added(1, 'reasoning'),
    ],
    items,
  ],
];

function said(decoder: StreamDecoder, event: string, data: string): unknown {
  try {
    return decoder.decode(event, data);
  } catch (error) {
    return (error as GatewayError).code;
  }
}

describe.each(STREAMS)('a decoder of %s', (name, begin, streams) => {
  const { createDecoder } = dialectByName(name).chat;

  test('says the same of every event, and learns the same facts, as one that parses each', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const quick = createDecoder();
        const slow = createDecoder();
        for (const [at, [event, body]] of [...begin, ...stream].entries()) {
          const data = JSON.stringify(body);
          const told = said(quick, event, data);
          // Blanks in front never match what was learned with another number of them.
          const parsed = said(slow, event, ' '.repeat(at + 1) + data);
          expect(told).toEqual(parsed);
          if (typeof told === 'string') return;
          expect([quick.complete, quick.settled]).toEqual([slow.complete, slow.settled]);
          const { usage, stop, id } = slow.facts;
          expect(quick.facts).toMatchObject({ usage, stop, id });
        }
      }),
      { numRuns: 400 },
    );
  });

  test('knows most deltas of a text', () => {
    const decoder = createDecoder();
    const texts = { anthropic: delta(0, { type: 'text_delta', text: '@' }) } as Partial<Record<string, Told>>;
    const told = (number: number): Told =>
      texts[name] ??
      (name === 'gemini'
        ? ['', message({ text: '@' })]
        : [
            'response.output_text.delta',
            { type: 'response.output_text.delta', sequence_number: number, ...at(0), delta: '@' },
          ]);
    for (const [event, body] of begin) decoder.decode(event, JSON.stringify(body));
    const data = (number: number, text: string): string => JSON.stringify(told(number)[1]).replace('@', text);
    const [event] = told(0);
    decoder.decode(event, data(3, 'one'));
    expect(decoder.repeated?.(event, data(4, ' two'))).toBe(' two');
    expect(decoder.repeated?.(event, data(5, '\\u0041\\n'))).toBe('A\n');
    expect(decoder.repeated?.(event, data(6, ''))).toBe(null);
    expect(decoder.repeated?.(`${event}x`, data(6, 'three'))).toBe(name === 'gemini' ? 'three' : null);
  });
});
