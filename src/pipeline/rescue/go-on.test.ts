import { expect, test } from 'vitest';
import type { Delta, Usage } from '../../contracts/chat.ts';
import { usageReceived } from './go-on.ts';
import { matchContinuation, matchRestart } from './matcher.ts';
import type { Position } from './position.ts';

const used = (input: number | null, output: number | null): Usage => ({ input, output }) as Usage;

/** A stream that broke off behind this reasoning and text. */
function position(reasoning: string, text: string): Position {
  const deltas: Delta[] = [];
  if (reasoning !== '')
    deltas.push({ kind: 'open', index: 0, block: 'reasoning' }, { kind: 'text', index: 0, text: reasoning });
  deltas.push({ kind: 'open', index: 1, block: 'text' }, { kind: 'text', index: 1, text });
  return {
    deltas,
    marks: { sequence: 0, items: [] },
    text,
    reasoning: '',
    open: { index: 1, block: 'text' },
    next: 2,
  };
}

const goingOn = () => matchContinuation('one two', false);

test.each<[string, Usage | null, number, Usage, Usage]>([
  ['the beginning is no part of the prompt', null, 40, used(51, 20), used(11, 60)],
  ['a provider that does not count it in is believed', null, 40, used(11, 20), used(11, 60)],
  ['what the first one told of the prompt counts', used(9, 1), 40, used(51, 20), used(9, 60)],
  ['more tokens told than events seen count', used(9, 45), 40, used(51, 20), used(9, 65)],
  ['nothing told stays so', null, 40, used(null, null), used(null, null)],
])('of an answer that goes on %s', (_, told, said, usage, received) => {
  expect(usageReceived(position('', 'one two'), false, goingOn(), told, said)(usage)).toEqual(received);
});

test('reasoning that is not repeated to who goes on is not taken off its prompt', () => {
  const usage = usageReceived(position('thought', 'one two'), false, goingOn(), null, 20);
  expect(usage(used(21, 5))).toEqual(used(11, 25));
});

test('an answer that was told anew is not counted twice, asked to go on or not', () => {
  const where = position('', 'one two');
  const asked = usageReceived(where, true, matchRestart('one two'), used(9, 1), 40);
  expect(asked(used(11, 60))).toEqual(used(11, 60));
  const matcher = goingOn();
  const usage = usageReceived(where, false, matcher, null, 40);
  matcher.take('one ');
  expect(usage(used(51, 60))).toEqual(used(11, 100));
  matcher.take('two three');
  expect(usage(used(51, 60))).toEqual(used(11, 60));
});
