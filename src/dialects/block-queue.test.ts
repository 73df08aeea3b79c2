import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Delta } from '../contracts/chat.ts';
import { BlockQueue } from './block-queue.ts';

function said(deltas: readonly Delta[]): Delta[] {
  const queue = new BlockQueue();
  return deltas.flatMap((delta) => queue.take(delta) ?? [delta]);
}

const open = (index: number): Delta => ({ kind: 'open', index, block: 'text' });
const text = (index: number, piece: string): Delta => ({ kind: 'text', index, text: piece });
const close = (index: number): Delta => ({ kind: 'close', index });

describe('blocks one at a time', () => {
  test('interleaved ones come out one behind the other, each in its own order', () => {
    const interleaved = [
      open(0),
      open(1),
      text(1, 'b'),
      text(0, 'a'),
      close(1),
      open(2),
      close(0),
      text(2, 'c'),
    ];
    expect(said([...interleaved, { kind: 'end' }])).toEqual([
      open(0),
      text(0, 'a'),
      close(0),
      open(1),
      text(1, 'b'),
      close(1),
      open(2),
      text(2, 'c'),
      close(2),
      { kind: 'end' },
    ]);
  });

  test('whatever the order, nothing is lost and no block stands inside another', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 40 }), (picks) => {
        const begun = new Set<number>();
        const deltas: Delta[] = [];
        for (const [at, index] of picks.entries()) {
          if (!begun.has(index)) deltas.push(open(index));
          begun.add(index);
          deltas.push(text(index, `${at},`));
        }
        const out = said([...deltas, { kind: 'end' }]);
        const told = (list: readonly Delta[], index: number): string =>
          list.map((delta) => (delta.kind === 'text' && delta.index === index ? delta.text : '')).join('');
        let current = -1;
        for (const delta of out) {
          if (delta.kind === 'open') {
            expect(current).toBe(-1);
            current = delta.index;
          } else if (delta.kind === 'text') expect(delta.index).toBe(current);
          else if (delta.kind === 'close') current = -1;
        }
        for (const index of begun) expect(told(out, index)).toBe(told(deltas, index));
      }),
    );
  });

  test('too much that waits is refused', () => {
    const queue = new BlockQueue();
    for (const delta of [open(0), open(1)]) queue.take(delta);
    const piece = text(1, 'x'.repeat(3 * 1024 * 1024));
    queue.take(piece);
    queue.take(piece);
    expect(() => queue.take(piece)).toThrow(expect.objectContaining({ code: 'GW_UPSTREAM_TOO_LARGE' }));
  });

  test('what has come out no longer waits', () => {
    const queue = new BlockQueue();
    const long = 'x'.repeat(3 * 1024 * 1024);
    const signature = (index: number): Delta => ({ kind: 'signature', index, signature: long });
    queue.take(open(0));
    for (let index = 1; index < 5; index++) {
      for (const delta of [open(index), text(index, long), signature(index)]) queue.take(delta);
      expect(queue.take(close(index - 1))).toHaveLength(4);
    }
  });
});
