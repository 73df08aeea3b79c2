import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edit } from '../contracts/body.ts';
import type { BodyBytes } from '../contracts/upstream.ts';
import { applyEdits, mergeEdits, splice } from './splice.ts';

describe('applyEdits', () => {
  it('replaces, inserts and removes and keeps every other byte', () => {
    const body = Buffer.from('{ "model" : "gäte/x","n":1.0, "fallbacks":["a"]}');
    const model = body.indexOf('"gäte/x"');
    const cut = body.indexOf(', "fallbacks"');
    const edits: Edit[] = [
      { start: 1, end: 1, text: '"new":"é",' },
      { start: model, end: model + Buffer.byteLength('"gäte/x"'), text: '"ü"' },
      { start: cut, end: body.length - 1, text: '' },
    ];
    expect(applyEdits(body, edits).toString()).toBe('{"new":"é", "model" : "ü","n":1.0}');
  });

  it('returns the very same buffer when there is nothing to do', () => {
    const body = Buffer.from('{}');
    expect(applyEdits(body, [])).toBe(body);
  });

  it('does what cutting and joining does, for any edits', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.string({ unit: 'grapheme', maxLength: 5 })), {
          maxLength: 5,
        }),
        (bytes, steps) => {
          const body = Buffer.from(bytes);
          const before = Buffer.from(body);
          const edits: Edit[] = [];
          const parts: Buffer[] = [];
          let at = 0;
          for (const [gap, width, text] of steps) {
            const start = Math.min(at + gap, body.length);
            const end = Math.min(start + width, body.length);
            edits.push({ start, end, text });
            parts.push(body.subarray(at, start), Buffer.from(text));
            at = end;
          }
          parts.push(body.subarray(at));
          expect(applyEdits(body, edits).equals(Buffer.concat(parts))).toBe(true);
          expect(body.equals(before)).toBe(true);
        },
      ),
    );
  });

  it('throws rather than send a broken body when edits overlap or leave it', () => {
    const body = Buffer.from('{"a":1}');
    for (const edits of [
      [
        { start: 3, end: 5, text: '' },
        { start: 4, end: 6, text: '' },
      ],
      [{ start: 3, end: 2, text: '' }],
      [{ start: 3, end: 8, text: '' }],
    ]) {
      expect(() => applyEdits(body, edits)).toThrow(RangeError);
    }
  });
});

describe('splice', () => {
  const body = Buffer.concat([
    Buffer.from('{"model":"openai/gpt","messages":"'),
    Buffer.alloc(64 * 1024, 'x'),
    Buffer.from('"}'),
  ]);
  const edits: Edit[] = [
    { start: 1, end: 1, text: '"é":1,' },
    { start: 10, end: 17, text: '' },
  ];
  const spliced = (list: readonly Edit[]): BodyBytes => splice(body, list) as BodyBytes;

  it('leaves the body where it is and says the same in pieces', () => {
    const pieces = spliced(edits).pieces();
    expect(Buffer.concat(pieces).equals(applyEdits(body, edits))).toBe(true);
    expect(pieces.filter((piece) => piece.buffer === body.buffer)).toHaveLength(3);
    expect(pieces.every((piece) => piece.length > 0)).toBe(true);
    expect(spliced(edits).length).toBe(body.length - 7 + Buffer.byteLength('"é":1,'));
  });

  it('writes itself behind what is there', () => {
    const whole = applyEdits(body, edits);
    const out = Buffer.alloc(whole.length + 6, '-');
    expect(spliced(edits).copy(out, 3)).toBe(whole.length);
    expect(out.equals(Buffer.concat([Buffer.from('---'), whole, Buffer.from('---')]))).toBe(true);
  });

  it('is the body itself without edits, and can be all new', () => {
    expect(splice(body, [])).toBe(body);
    const all = spliced([{ start: 0, end: body.length, text: '{}' }]);
    expect(Buffer.concat(all.pieces()).toString()).toBe('{}');
    expect(all.length).toBe(2);
  });

  it('throws when edits do not fit', () => {
    expect(() => splice(body, [{ start: 5, end: body.length + 1, text: '' }])).toThrow(RangeError);
  });
});

describe('mergeEdits', () => {
  it('keeps all of the first list, and of the second what overlaps none of it, in rising order', () => {
    const spans = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 8 }).map((steps) => {
      let at = 0;
      return steps.map(([gap, length]) => {
        const start = at + gap + 1;
        at = start + length;
        return { start, end: at };
      });
    });
    fc.assert(
      fc.property(spans, spans, (one, two) => {
        const first = one.map((span): Edit => ({ ...span, text: '1' }));
        const second = two.map((span): Edit => ({ ...span, text: '2' }));
        const merged = mergeEdits(first, second);
        expect(merged.filter((edit) => edit.text === '1')).toEqual(first);
        const free = second.filter((edit) =>
          first.every((other) => other.end <= edit.start || edit.end <= other.start),
        );
        expect(merged.filter((edit) => edit.text === '2')).toEqual(free);
        for (let i = 1; i < merged.length; i++)
          expect(merged[i]!.start).toBeGreaterThanOrEqual(merged[i - 1]!.end);
      }),
    );
  });
});
