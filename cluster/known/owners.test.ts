import { expect, it } from 'vitest';
import { fakeLog } from '../fakes.fixture.ts';
import { createOwners } from './owners.ts';

const mine = { owner: 'me', provider: 'oa' };

function owners(max?: number) {
  return createOwners({ clock: { now: () => 0, wall: () => 0 }, log: fakeLog() }, max);
}

it('knows what any worker noted', () => {
  const known = owners();
  known.note('a', mine);
  expect(known.find(['b', 'a'])).toEqual([null, mine]);
  known.note('a', { ...mine, owner: 'you' });
  expect(known.find(['a'])).toEqual([{ ...mine, owner: 'you' }]);
});

it('takes what an answer speaks of for its caller’s only where nobody is known whose it is', () => {
  const known = owners();
  known.note('a', mine);
  for (const id of ['a', 'b']) known.note(id, { ...mine, owner: 'you' }, true);
  expect(known.find(['a', 'b'])).toEqual([mine, { ...mine, owner: 'you' }]);
});

it('forgets first what was noted first', () => {
  const known = owners(2);
  for (const id of ['a', 'b', 'a', 'c']) known.note(id, mine);
  expect(known.find(['a', 'b', 'c'])).toEqual([mine, null, mine]);
});
