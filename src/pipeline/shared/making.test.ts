// The sink of a call that makes an answer: beside a fan-out from the first, which it is to be like, whether or not somebody joins.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeSink } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { FanOut } from './fan-out.ts';
import { Making, type Wish } from './making.ts';

const wish: Wish = { name: 'n', print: '', maxBytes: 6, ttlMs: 0, claimed: false };
const HEAD: HeaderList = [['content-type', 'text/plain']];

function setUp(change: Partial<Wish> = {}, claimed = false) {
  const own = new FakeSink();
  const told: string[] = [];
  const making = new Making(
    { sink: own, sharing: null } as unknown as Call,
    { ...wish, ...change },
    claimed,
    {
      now: () => 1,
      over: () => told.push('over'),
      orphaned: () => told.push('orphaned'),
      abandon: () => told.push('abandon'),
    },
  );
  return { own, making, told };
}

describe('the sink of who makes an answer', () => {
  test('is as a fan-out to its client and to who writes, whatever happens in what order', () => {
    const step = fc.constantFrom('reply', 'start', 'chunk', 'end', 'cut', 'gone', 'join', 'slow', 'drain');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 9 }), (steps) => {
        const { own, making, told } = setUp();
        const other = new FakeSink();
        const said: string[] = [];
        const fanOut = new FanOut(other, {
          maxBytes: wish.maxBytes,
          keep: false,
          ended: () => said.push('over'),
          abandoned: () => said.push('abandon'),
        });
        const joined: [FakeSink, FakeSink][] = [];
        const woken: [number, number] = [0, 0];
        making.onDrain = () => woken[0]++;
        fanOut.onDrain = () => woken[1]++;
        let begun = false;
        let over = false;
        for (const step of steps) {
          for (const [at, sink] of [making, fanOut].entries()) {
            const client = at === 0 ? own : other;
            if (step === 'gone') client.closed = true;
            else if (step === 'slow') client.flowing = false;
            else if (step === 'drain') {
              client.flowing = true;
              client.onDrain?.();
            } else if (over) continue;
            else if (step === 'reply' && !begun) sink.reply(200, HEAD, 'whole');
            else if (step === 'start' && !begun) sink.start(200, HEAD);
            else if (step === 'chunk' && begun) sink.chunk('piece');
            else if (step === 'end' && begun) sink.end();
            else if (step === 'cut') sink.cut();
          }
          if (step === 'join' && making.open) {
            const pair: [FakeSink, FakeSink] = [new FakeSink(), new FakeSink()];
            making.answer().join(pair[0], 'coalesced', () => undefined);
            fanOut.join(pair[1], 'coalesced', () => undefined);
            joined.push(pair);
          }
          over ||= (step === 'reply' && !begun) || (step === 'end' && begun) || step === 'cut';
          begun ||= step === 'start' || step === 'reply';
          const seen = ({ committed, closed, bytesOut, ending }: Making | FanOut) =>
            [committed, closed, bytesOut, ending] as const;
          expect(seen(making)).toEqual(seen(fanOut));
          expect(making.open).toBe(fanOut.open);
          expect([told, woken[0]]).toEqual([said, woken[1]]);
          for (const [one, same] of [[own, other] as const, ...joined])
            expect([one.status, one.body, one.headers]).toEqual([same.status, same.body, same.headers]);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('is not over before its own client has it, or whoever judges it for that client, alone and beside others', () => {
    for (const { own, making } of [setUp(), setUp({}, true)]) {
      let settled = 0;
      own.ending = true;
      expect(making.ending).toBe(true);
      making.onTaken = () => settled++;
      expect(settled).toBe(0);
      own.onTaken?.();
      expect(settled).toBe(1);
    }
  });

  test('hands a whole answer on as it is where nobody else came, and keeps it where it is wanted later', () => {
    const alone = setUp();
    alone.making.reply(200, HEAD, 'whole');
    expect([alone.own.body, alone.told]).toEqual(['whole', ['over']]);
    for (const { making, own, told } of [setUp({}, true), setUp({ ttlMs: 1_000 })]) {
      making.reply(200, HEAD, 'whole');
      expect([own.body, told]).toEqual(['whole', ['over']]);
      expect(making.answer().recorded()).toMatchObject({ status: 200, body: Buffer.from('whole') });
    }
  });
});
