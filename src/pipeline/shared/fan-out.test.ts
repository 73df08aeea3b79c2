// One answer for several clients: each gets all of it, at its own pace, whoever comes late or leaves early.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeSink } from '../../../tests/kit/fake-call.ts';
import { FanOut, type FanOutOwner } from './fan-out.ts';
import type { RecordedAnswer } from './recorded-answer.ts';

function setUp(change: Partial<FanOutOwner> = {}) {
  const own = new FakeSink();
  const ended: (RecordedAnswer | null)[] = [];
  let abandoned = 0;
  const answer = new FanOut(own, {
    maxBytes: 1_000,
    keep: false,
    ended: (answer) => ended.push(answer.recorded()),
    abandoned: () => abandoned++,
    ...change,
  });
  const join = (sink = new FakeSink()) => {
    let finished = 0;
    answer.join(sink, 'coalesced', () => finished++);
    return { sink, finished: () => finished };
  };
  return { own, answer, ended, join, abandoned: () => abandoned };
}

describe('an answer that is shared', () => {
  test('reaches who was there and who came later, whole, with a word of what it is', () => {
    const { own, answer, join, ended } = setUp();
    const early = join();
    answer.start(200, [
      ['content-type', 'text/event-stream'],
      ['x-ratelimit-remaining-requests', '7'],
    ]);
    answer.chunk('one ');
    const late = join();
    answer.chunk('two');
    answer.end();
    for (const { body, closed } of [own, early.sink, late.sink]) {
      expect(body).toBe('one two');
      expect(closed).toBe(true);
    }
    expect(own.headers).toEqual({
      'content-type': 'text/event-stream',
      'x-ratelimit-remaining-requests': '7',
    });
    for (const { sink, finished } of [early, late]) {
      expect(sink.headers).toEqual({
        'content-type': 'text/event-stream',
        'x-headgate-shared': 'coalesced',
      });
      expect(finished()).toBe(1);
    }
    expect(ended).toMatchObject([{ status: 200, streamed: true, body: Buffer.from('one two') }]);
  });

  test('is not over before its own client has it, or whoever judges it for that client', () => {
    const { own, answer } = setUp();
    let settled = 0;
    const judged = Object.assign(own, { ending: true, onTaken: null as (() => void) | null });
    answer.reply(200, [], '{}');
    expect(answer.ending).toBe(true);
    answer.onTaken = () => settled++;
    expect(settled).toBe(0);
    judged.onTaken?.();
    expect(settled).toBe(1);
  });

  test('that is whole goes to all at once', () => {
    const { own, answer, join, ended } = setUp();
    const other = join();
    answer.reply(404, [['content-type', 'application/json']], '{}');
    expect([own.body, other.sink.body]).toEqual(['{}', '{}']);
    expect(other.finished()).toBe(1);
    expect(ended).toMatchObject([{ status: 404, streamed: false }]);
    expect(answer.open).toBe(false);
  });

  test('goes on when the first client leaves, and ends when the last does', () => {
    const { own, answer, join, abandoned } = setUp();
    const other = join();
    answer.start(200, []);
    own.closed = true;
    answer.chunk('more');
    expect(answer.closed).toBe(false);
    expect(other.sink.body).toBe('more');
    expect(abandoned()).toBe(0);
    other.sink.closed = true;
    answer.leave(other.sink);
    expect(abandoned()).toBe(1);
    expect(answer.closed).toBe(true);
  });

  test('that is kept goes on without anybody', () => {
    const { own, answer, ended, abandoned } = setUp({ keep: true });
    answer.start(200, []);
    own.closed = true;
    expect(answer.chunk('all of it')).toBe(true);
    answer.end();
    expect(abandoned()).toBe(0);
    expect(ended).toMatchObject([{ body: Buffer.from('all of it') }]);
  });

  test('is held back by nobody while it is within bounds', () => {
    const { own, answer, join } = setUp();
    const slow = join();
    slow.sink.flowing = false;
    answer.start(200, []);
    expect(answer.chunk('a')).toBe(true);
    expect(answer.chunk('b')).toBe(true);
    expect(own.body).toBe('ab');
    expect(slow.sink.body).toBe('a');
    answer.end();
    expect(slow.sink.closed).toBe(false);
    slow.sink.flowing = true;
    slow.sink.onDrain!();
    expect(slow.sink.body).toBe('ab');
    expect(slow.sink.closed).toBe(true);
    expect(slow.finished()).toBe(1);
  });

  test('beyond them nobody joins, and the source waits for the slowest', () => {
    const { own, answer, join, ended } = setUp({ maxBytes: 10 });
    const slow = join();
    slow.sink.flowing = false;
    answer.start(200, []);
    const piece = 'x'.repeat(200 * 1024);
    expect(answer.chunk(piece)).toBe(true);
    expect(answer.open).toBe(false);
    expect(answer.chunk(piece)).toBe(true);
    expect(answer.chunk(piece)).toBe(false);
    let drained = 0;
    answer.onDrain = () => drained++;
    slow.sink.flowing = true;
    slow.sink.onDrain!();
    expect(drained).toBe(1);
    answer.end();
    expect(slow.sink.body).toBe(own.body);
    expect(ended).toEqual([null]);
  });

  test('that is cut is cut for all', () => {
    const { own, answer, join, ended } = setUp();
    const other = join();
    answer.start(200, []);
    answer.cut();
    expect([own.broken, other.sink.broken]).toEqual([true, true]);
    expect(ended).toEqual([null]);
  });
});

test('whoever joins, waits, drains or leaves when: who stays has the same bytes', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('chunk' as const), bytes: fc.integer({ min: 1, max: 300_000 }) }),
    fc.record({ do: fc.constantFrom('join' as const, 'stop' as const, 'flow' as const, 'leave' as const) }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 400_000 }),
      (steps, maxBytes) => {
        const { own, answer, join } = setUp({ maxBytes, keep: true });
        const sinks = [own];
        let sent = '';
        answer.start(200, []);
        steps.forEach((step, at) => {
          const sink = sinks[at % sinks.length]!;
          if (step.do === 'chunk') {
            const piece = String.fromCharCode(97 + (at % 26)).repeat(step.bytes);
            sent += piece;
            answer.chunk(piece);
          } else if (step.do === 'join') {
            if (answer.open) sinks.push(join().sink);
          } else if (step.do === 'stop') sink.flowing = false;
          else if (step.do === 'flow') {
            sink.flowing = true;
            sink.onDrain?.();
          } else if (sink !== own) {
            sink.closed = true;
            answer.leave(sink);
            sinks.splice(sinks.indexOf(sink), 1);
          }
        });
        answer.end();
        for (const sink of sinks) {
          sink.flowing = true;
          sink.onDrain?.();
          expect(sink.body === sent).toBe(true);
          expect(sink.closed).toBe(true);
        }
      },
    ),
    { numRuns: 60 },
  );
});
