// Who calls: a key that was seen before, one of a hundred keys, and a guess.
// Run: scripts/node node bench/micro/directory.ts
import { directoryOf } from '../../src/pipeline/who/directory.ts';
import { measure, report } from './measure.ts';

const keys = Array.from({ length: 100 }, (_, at) => ({
  name: `key-${at}`,
  value: `gate-key-0123456789abcdef-${at}`,
}));
const directory = directoryOf(keys);
// A credential comes out of a header: a new string each time, whose hash nobody has computed yet.
const bytes = keys.map(({ value }) => Buffer.from(value));
const guess = Buffer.from('gate-key-0123456789abcdef-x');
let at = 0;

report(
  'the string alone',
  measure(() => bytes[at++ % 100]!.toString('latin1').length),
);
report(
  'a known key',
  measure(() => (directory.find(bytes[at++ % 100]!.toString('latin1')) === null ? 1 : 0)),
);
report(
  'a guess (always a digest)',
  measure(() => (directory.find(guess.toString('latin1')) === null ? 1 : 0)),
);
