import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { principalOf } from '../../governance/principal.ts';
import { tellCost } from './cost-sink.ts';

interface Of {
  usageCost?: boolean | null;
  rule?: { keys: string[] | null; routes: string[] | null };
  cost?: number | null;
  attempts?: number;
}

function told({ usageCost = true, rule, cost = 27_000, attempts = 1 }: Of = {}) {
  const written: Buffer[] = [];
  const keep = (bytes: Buffer | string): boolean => {
    written.push(Buffer.from(bytes));
    return written.length % 2 === 0;
  };
  const inner = {
    reply: (_status: number, _headers: HeaderList, body: Buffer | string) => void keep(body),
    start: () => undefined,
    chunk: keep,
    end: () => written.push(Buffer.from('<end>')),
  } as unknown as Sink; // all that is used of it
  const call = {
    usageCost,
    snapshot: { config: rule === undefined ? {} : { usageCost: rule } },
    principal: principalOf({ name: 'app-1' }),
    route: { template: '/v1/chat/completions', dialect: 'openai-chat' },
    attempts: Array.from({ length: attempts }),
    costSoFar: attempts === 0 ? null : () => cost,
  } as unknown as Call; // likewise
  return { sink: tellCost(inner, call), inner, text: () => Buffer.concat(written).toString() };
}

const SSE: HeaderList = [['content-type', 'text/event-stream; charset=utf-8']];
const JSON_HEAD: HeaderList = [
  ['content-type', 'application/json'],
  ['x-headgate-cost-usd', '0.000027'],
];
const STREAM = `data: {"choices":[{"delta":{"content":"\\"usage\\": ä"}}],"usage":null}\n\n: ping\n\ndata: {"choices":[],"usage":{"total_tokens":3}}\n\ndata: [DONE]\n\n`;
const WANTED = STREAM.replace('{"total', '{"cost":0.000027,"total');

describe('what a call cost, next to its client', () => {
  it('is what the head of a stream says, where it is made of several calls’', () => {
    const joined = (...more: HeaderList): string => {
      const { sink, text } = told({ attempts: 0 });
      sink.start(200, [...SSE, ['x-headgate-parts', '2'], ...more]);
      sink.chunk(STREAM);
      sink.end();
      return text();
    };
    expect(joined(['x-headgate-cost-usd', '0.000027'])).toBe(`${WANTED}<end>`);
    // Nor did it cost nothing where one of them has no price.
    expect(joined()).toBe(`${STREAM}<end>`);
    const whole = told({ attempts: 0 });
    whole.sink.reply(
      200,
      [
        ['content-type', 'application/json'],
        ['x-headgate-parts', '2'],
      ],
      '{"usage":{"total_tokens":3}}',
    );
    expect(whole.text()).toBe('{"usage":{"total_tokens":3}}');
  });

  it('stands in the usage that ends a stream, wherever the stream is cut', () => {
    const bytes = Buffer.from(STREAM);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const { sink, text } = told();
        sink.start(200, SSE);
        let from = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
          if (cut > from) sink.chunk(bytes.subarray(from, cut));
          from = cut;
        }
        sink.end();
        expect(text()).toBe(`${WANTED}<end>`);
      }),
    );
  });

  it('stands in a whole answer as its head says it, and is 0 where nobody was asked', () => {
    const whole = told();
    whole.sink.reply(200, JSON_HEAD, '{"usage":{"a":1}}');
    expect(whole.text()).toBe('{"usage":{"cost":0.000027,"a":1}}');
    const kept = told({ attempts: 0 });
    kept.sink.reply(200, JSON_HEAD.slice(0, 1), '{"usage":{"a":1}}');
    expect(kept.text()).toBe('{"usage":{"cost":0,"a":1}}');
    const replayed = told({ attempts: 0 });
    replayed.sink.start(200, SSE);
    replayed.sink.chunk(STREAM);
    expect(replayed.text()).toBe(STREAM.replace('{"total', '{"cost":0,"total'));
  });

  it.each([
    ['there is no price', { cost: null }],
    ['its request wants none', { usageCost: false, rule: { keys: null, routes: null } }],
    ['nobody asks for it', { usageCost: null }],
    ['its key is not meant', { usageCost: null, rule: { keys: ['other*'], routes: null } }],
    ['its route is not meant', { usageCost: null, rule: { keys: ['app-*'], routes: ['/v1/messages'] } }],
  ] as const)('is not told where %s', (_, of) => {
    const { sink, text } = told(of as Of);
    sink.start(200, SSE);
    sink.chunk(STREAM);
    expect(text()).toBe(STREAM);
  });

  it('is told where the configuration says so', () => {
    const { sink, text } = told({ usageCost: null, rule: { keys: ['app-*'], routes: ['/v1/*'] } });
    sink.start(200, SSE);
    sink.chunk(STREAM);
    expect(text()).toBe(WANTED);
  });

  it('costs calls that cannot want it nothing: there is no sink', () => {
    const { sink, inner } = told({ usageCost: null });
    expect(sink).toBe(inner);
  });

  it('leaves refusals and other answers alone, and lines that are too long to hold', () => {
    const refused = told();
    refused.sink.reply(429, JSON_HEAD, '{"usage":{}}');
    expect(refused.text()).toBe('{"usage":{}}');
    const binary = told();
    binary.sink.start(200, [['content-type', 'application/vnd.amazon.eventstream']]);
    binary.sink.chunk('data: {"usage":{}}\n');
    expect(binary.text()).toBe('data: {"usage":{}}\n');
    const long = told();
    long.sink.start(200, SSE);
    const line = `data: {"usage":{"x":"${'y'.repeat(1_100_000)}`;
    long.sink.chunk(line);
    long.sink.chunk('"}}\n');
    long.sink.chunk(STREAM);
    expect(long.text()).toBe(`${line}"}}\n${WANTED}`);
  });
});
