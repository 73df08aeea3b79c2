import { describe, expect, test } from 'vitest';
import { encoded } from '../../../tests/kit/told.ts';
import type { Delta } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

type Event = readonly [name: string, data: object | string];

const START: Event = ['messageStart', { role: 'assistant' }];
const text = (index: number, words: string): Event => [
  'contentBlockDelta',
  { contentBlockIndex: index, delta: { text: words } },
];
const stop = (index: number): Event => ['contentBlockStop', { contentBlockIndex: index }];
const END: Event = ['messageStop', { stopReason: 'end_turn' }];
const META: Event = ['metadata', { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } }];
const call = (index: number): Event => [
  'contentBlockStart',
  { contentBlockIndex: index, start: { toolUse: { toolUseId: 't', name: 'f' } } },
];
const input = (index: number, piece: string): Event => [
  'contentBlockDelta',
  { contentBlockIndex: index, delta: { toolUse: { input: piece } } },
];
const GOOD: readonly Event[] = [START, text(0, 'hi'), stop(0), END, META];
const dataOf = ([, data]: Event): string => (typeof data === 'string' ? data : JSON.stringify(data));

function watch(events: readonly Event[]) {
  const watcher = createWatcher();
  const verdicts = events.map((event) => watcher.watch(event[0], dataOf(event)));
  return { watcher, verdicts };
}

function decode(events: readonly Event[]): { deltas: Delta[]; complete: boolean } {
  const decoder = createDecoder();
  const deltas = events.flatMap((event) => decoder.decode(event[0], dataOf(event)));
  return { deltas: [...deltas, ...decoder.finish()], complete: decoder.complete };
}

describe('a stream that goes by', () => {
  test('is told by its events, and complete with its metadata', () => {
    const { watcher, verdicts } = watch(GOOD);
    expect(verdicts.map(({ verdict, content }) => [verdict, content])).toEqual([
      ['pass', false],
      ['pass', true],
      ['pass', false],
      ['pass', false],
      ['end', false],
    ]);
    expect(watcher.facts).toMatchObject({ stop: 'end', usage: { input: 3, output: 2 } });
    expect(watch(GOOD.slice(0, -1)).watcher.complete).toBe(false);
  });

  test('is given the beginning that clients need', () => {
    const { verdicts } = watch(GOOD.slice(1));
    const added = verdicts[0]?.instead as Buffer;
    expect(added.includes('messageStart')).toBe(true);
    expect(added.includes('"text":"hi"')).toBe(true);
    expect(verdicts.slice(1).every(({ instead }) => instead === null)).toBe(true);
  });

  test('may hold padding, unknown events and long texts', () => {
    const padded: Event = [
      'contentBlockDelta',
      '{"contentBlockIndex":0,"delta":{"text":"a\\u00e9"},"p":"abcXYZ01"}',
    ];
    const events: Event[] = [
      START,
      padded,
      text(0, 'x'.repeat(10_000)),
      ['later', { n: 1 }],
      stop(0),
      END,
      META,
    ];
    expect(watch(events).watcher.complete).toBe(true);
  });
});

describe('what cannot be', () => {
  test.each<[string, readonly Event[]]>([
    ['a second beginning', [START, START]],
    ['a gap in the blocks', [START, text(1, 'x')]],
    ['a word for a block that is closed', [START, text(0, 'x'), stop(0), text(0, 'y')]],
    ['an end of a block that never began', [START, stop(0)]],
    [
      'a call without a name',
      [START, ['contentBlockStart', { contentBlockIndex: 0, start: { toolUse: {} } }]],
    ],
    ['arguments without their call', [START, input(0, '{}')]],
    ['text in a call', [START, call(0), text(0, 'x')]],
    ['a delta that holds nothing', [START, ['contentBlockDelta', { contentBlockIndex: 0, delta: {} }]]],
    ['an event without an index', [START, ['contentBlockDelta', { delta: { text: 'x' } }]]],
    ['metadata before the end', [START, META]],
    ['a second end', [START, END, END]],
    ['a block behind the end', [START, END, text(0, 'x')]],
    [
      'arguments that break off',
      [START, call(0), input(0, '{"a'), stop(0), ['messageStop', { stopReason: 'tool_use' }]],
    ],
    ['no JSON', [START, ['contentBlockDelta', 'x']]],
  ])('%s is no answer, watched or decoded', (_what, events) => {
    for (const read of [watch, decode]) {
      expect(() => read(events)).toThrow(expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }));
    }
  });

  test.each([
    ['!throttlingException', 'ThrottlingException', 429, 'GW_UPSTREAM_RATE_LIMIT'],
    ['!modelStreamErrorException', 'ModelStreamErrorException', 424, 'GW_UPSTREAM_ERROR'],
    ['!somethingNew', 'SomethingNew', 500, 'GW_UPSTREAM_ERROR'],
  ])('%s is the fault it says', (event, type, status, code) => {
    for (const read of [watch, decode]) {
      let thrown: unknown;
      try {
        read([START, [event, { message: 'so it is' }]]);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(GatewayError);
      expect(thrown).toMatchObject({ fault: { type, status, message: 'so it is' } });
      expect((thrown as GatewayError).code).toBe(code);
    }
  });

  test('output that the model itself broke is a failure, not a reason to stop', () => {
    const broken: readonly Event[] = [START, ['messageStop', { stopReason: 'malformed_tool_use' }]];
    for (const read of [watch, decode]) expect(() => read(broken)).toThrow(/malformed_tool_use/);
  });
});

describe('decoding', () => {
  test('makes blocks of what begins without a word, and tells reasoning with its proof', () => {
    const reasoning = (delta: object): Event => [
      'contentBlockDelta',
      { contentBlockIndex: 0, delta: { reasoningContent: delta } },
    ];
    const events = [
      START,
      reasoning({ text: 'hm' }),
      reasoning({ signature: 's' }),
      stop(0),
      [
        'contentBlockDelta',
        { contentBlockIndex: 1, delta: { reasoningContent: { redactedContent: 'b3Bh' } } },
      ] as Event,
      [
        'contentBlockDelta',
        { contentBlockIndex: 1, delta: { reasoningContent: { redactedContent: 'cXVl' } } },
      ] as Event,
      stop(1),
      call(2),
      stop(2),
      ['messageStop', { stopReason: 'tool_use' }] as Event,
      META,
    ];
    const { deltas, complete } = decode(events);
    expect(complete).toBe(true);
    expect(deltas).toEqual([
      { kind: 'start', id: '', model: '', created: null, usage: null },
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'hm' },
      { kind: 'signature', index: 0, signature: 's' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'redacted', data: 'b3BhcXVl' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'tool_call', id: 't', name: 'f' },
      { kind: 'arguments', index: 2, text: '{}' },
      { kind: 'close', index: 2 },
      { kind: 'stop', reason: 'tool_use', stopSequence: null },
      { kind: 'usage', usage: expect.objectContaining({ input: 3, output: 2 }) as never },
      { kind: 'end' },
    ]);
  });

  test('passes over what ran at the provider', () => {
    const events: Event[] = [
      START,
      ['contentBlockStart', { contentBlockIndex: 0, start: { toolResult: { toolUseId: 't' } } }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { toolResult: [{ text: 'x' }] } }],
      stop(0),
      text(1, 'so'),
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { citation: { title: 't' } } }],
      stop(1),
      END,
      META,
    ];
    const told = decode(events).deltas.filter(({ kind }) => kind === 'open' || kind === 'text');
    expect(told).toEqual([
      { kind: 'open', index: 0, block: 'text' },
      { kind: 'text', index: 0, text: 'so' },
    ]);
  });
});

describe('encoding', () => {
  const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true };
  const names = (stream: string): string[] => [...stream.matchAll(/event: (\S+)/g)].map(([, name]) => name!);

  test('never shows a block without a word, and numbers those that have one', () => {
    const stream = encoded(
      createEncoder(context),
      { kind: 'start', id: 'x', model: 'm', created: null, usage: null },
      { kind: 'open', index: 0, block: 'text' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'tool_call', id: 'a b', name: 'f' },
      { kind: 'arguments', index: 1, text: 'oops' },
      { kind: 'close', index: 1 },
      { kind: 'ping' },
      { kind: 'stop', reason: 'end', stopSequence: null },
      { kind: 'end' },
    );
    expect(names(stream)).toEqual([
      'messageStart',
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
    expect(stream).toContain('"toolUse":{"toolUseId":"a_x20_b","name":"f"}},"contentBlockIndex":0');
    expect(stream).toContain('{\\"_raw\\":\\"oops\\"}');
    expect(stream).toContain('{"stopReason":"tool_use"}');
    expect(stream).toContain('"usage":{"inputTokens":0,"outputTokens":0,"totalTokens":0}');
  });

  test('what was told comes back', () => {
    const usage = {
      input: 100,
      cacheRead: 20,
      cacheWriteShort: 5,
      cacheWriteLong: 7,
      output: 9,
      reasoning: null,
    };
    const deltas: Delta[] = [
      { kind: 'start', id: '', model: '', created: null, usage: null },
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'hm "é"\n' },
      { kind: 'signature', index: 0, signature: 's+/=' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'redacted', data: 'hg1.openai.AAAA' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'tool_call', id: 't', name: 'f' },
      { kind: 'arguments', index: 2, text: '{"a":1}' },
      { kind: 'close', index: 2 },
      { kind: 'stop', reason: 'tool_use', stopSequence: null },
      { kind: 'usage', usage },
      { kind: 'end' },
    ];
    const stream = encoded(createEncoder(context), ...deltas);
    const events = [...stream.matchAll(/event: (\S+)\ndata: (.*)\n/g)].map(
      ([, name, data]) => [name!, data!] as const,
    );
    expect(decode(events).deltas).toEqual(deltas);
  });
});
