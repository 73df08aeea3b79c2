import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventReader } from './events.ts';

const STREAM = ': hi\n\nevent: row\ndata: {"a":1}\n\ndata: one\ndata: two\r\n\r\ndata:\n\n';
const EVENTS = [
  { event: 'row', data: '{"a":1}' },
  { event: 'message', data: 'one\ntwo' },
  { event: 'message', data: '' },
];

test('events are the same however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 8 }), (cuts) => {
      const read = createEventReader();
      const at = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const got = at.slice(1).flatMap((end, index) => read(STREAM.slice(at[index], end)));
      expect(got).toEqual(EVENTS);
    }),
  );
});
