import { beforeEach, expect, test } from 'vitest';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import { standstill } from '../../src/ipc/standstill.fixture.ts';
import { Life } from '../crew/life.ts';
import { createSiblingRelay, type SiblingRelay } from './sibling-relay.ts';

let lives: Life[];
let relay: SiblingRelay;
let told: Map<Life, ToWorker[]>;

beforeEach(() => {
  told = new Map();
  lives = [0, 1, 2].map((index) => {
    const life = new Life(index, index, 0);
    const messages: ToWorker[] = [];
    told.set(life, messages);
    life.process = { pid: 1, send: (message) => void messages.push(message), kill() {} };
    life.said();
    return life;
  });
  relay = createSiblingRelay(() => lives, 60_000);
});

const ask = (ids = ['x', 'y']): number => {
  relay.seek(lives[0]!, 7, 'read', 'a', ids);
  const [message] = told.get(lives[1]!)!.splice(0);
  return message?.t === 'seek' ? message.ask : -1;
};

test('all others are asked, and what each has comes back as one', () => {
  const question = ask();
  expect(told.get(lives[2]!)).toEqual([
    { t: 'seek', ask: question, wish: 'read', owner: 'a', ids: ['x', 'y'] },
  ]);
  relay.sought(lives[1]!, question, [null, 'of one']);
  expect(told.get(lives[0]!)).toEqual([]);
  relay.sought(lives[2]!, question, ['of two', null]);
  expect(told.get(lives[0]!)).toEqual([{ t: 'found', id: 7, found: ['of two', 'of one'] }]);
});

test('nobody waits for more when all is found, nor for a worker that is gone', () => {
  const first = ask(['x']);
  relay.sought(lives[2]!, first, ['here']);
  relay.sought(lives[1]!, first, ['late']);
  const second = ask(['x']);
  relay.sought(lives[1]!, second, [null]);
  relay.leave(lives[2]!);
  expect(told.get(lives[0]!)).toEqual([
    { t: 'found', id: 7, found: ['here'] },
    { t: 'found', id: 7, found: [null] },
  ]);
});

test('a worker alone has its answer at once; one that asked and is gone gets none', () => {
  const question = ask();
  relay.leave(lives[0]!);
  relay.sought(lives[1]!, question, ['a', 'b']);
  expect(told.get(lives[0]!)).toEqual([]);
  lives = [lives[0]!];
  relay.seek(lives[0]!, 8, 'stop', 'a', ['x']);
  expect(told.get(lives[0]!)).toEqual([{ t: 'found', id: 8, found: [null] }]);
});

test('who says nothing is not waited for', async () => {
  const quick = createSiblingRelay(() => lives, 1);
  quick.seek(lives[0]!, 9, 'read', 'a', ['x']);
  await expect.poll(() => told.get(lives[0]!)).toEqual([{ t: 'found', id: 9, found: [null] }]);
});

test('of the newest every copy is told', () => {
  relay.seek(lives[0]!, 7, 'newest', 'a', ['c']);
  const [message] = told.get(lives[1]!)!;
  const question = message?.t === 'seek' ? message.ask : -1;
  relay.sought(lives[1]!, question, ['older']);
  expect(told.get(lives[0]!)).toEqual([]);
  relay.sought(lives[2]!, question, ['newer']);
  expect(told.get(lives[0]!)).toEqual([{ t: 'found', id: 7, found: [null, 'older', 'newer'] }]);
});

test('what came while the primary stood still is no silence', async () => {
  const standStill = await standstill();
  relay = createSiblingRelay(() => lives, 100);
  const question = ask();
  await standStill(400, () => {
    relay.sought(lives[1]!, question, ['of one', null]);
    relay.sought(lives[2]!, question, [null, 'of two']);
  });
  expect(told.get(lives[0]!)).toEqual([{ t: 'found', id: 7, found: ['of one', 'of two'] }]);
});
