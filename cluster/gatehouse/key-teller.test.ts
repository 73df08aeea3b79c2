import { beforeEach, describe, expect, it } from 'vitest';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import type { KeyList } from '../config/key-list.ts';
import { createKeyTeller } from './key-teller.ts';
import { Life } from '../crew/life.ts';

const a = { name: 'a', value: 'key-of-a' };
const b = { name: 'b', value: 'key-of-b' };
const first: KeyList = { revision: 1, keys: [a] };
const second: KeyList = { revision: 2, keys: [a, b] };

let got: ToWorker[];
let inForce: KeyList;
const teller = createKeyTeller(() => inForce);

/** A worker whose program runs. */
function lifeThatRuns(id: number): Life {
  const life = new Life(id, id, 0);
  life.process = { pid: id, send: (message) => void got.push(message), kill() {} };
  life.said();
  return life;
}

beforeEach(() => {
  got = [];
  inForce = first;
});

describe('a worker', () => {
  it('is told all keys at first and then what is new, once', () => {
    const life = lifeThatRuns(1);
    expect(teller.untold(life)).toEqual({ base: 0, revision: 1, put: [a], drop: [] });
    expect(teller.untold(life)).toBeNull();
    inForce = second;
    teller.tell([life]);
    teller.tell([life]);
    expect(got).toEqual([{ t: 'keys', keys: { base: 1, revision: 2, put: [b], drop: [] } }]);
  });

  it('that starts when the list is a later one gets that one whole, the others only the change', () => {
    const [early, late] = [lifeThatRuns(1), lifeThatRuns(2)];
    teller.untold(early);
    inForce = second;
    teller.tell([early, late]);
    expect(got).toEqual([
      { t: 'keys', keys: { base: 1, revision: 2, put: [b], drop: [] } },
      { t: 'keys', keys: { base: 0, revision: 2, put: [a, b], drop: [] } },
    ]);
  });

  it('that has not said hello is told nothing yet', () => {
    const life = new Life(1, 1, 0);
    life.process = { pid: 1, send: (message) => void got.push(message), kill() {} };
    teller.tell([life]);
    expect(got).toEqual([]);
    expect(life.keys).toBeNull();
  });

  it('follows back to the list of before', () => {
    const life = lifeThatRuns(1);
    teller.untold(life);
    inForce = second;
    teller.untold(life);
    inForce = first;
    expect(teller.untold(life)).toEqual({ base: 2, revision: 1, put: [], drop: ['key-of-b'] });
  });
});

it('works a change out once for all workers that lack it', () => {
  const lives = [lifeThatRuns(1), lifeThatRuns(2), lifeThatRuns(3)];
  for (const life of lives) teller.untold(life);
  inForce = second;
  const deltas = lives.map((life) => teller.untold(life));
  expect(new Set(deltas).size).toBe(1);
});
