import { expect, test } from 'vitest';
import type { CircuitState } from '../../src/contracts/circuit.ts';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import type { Rest } from '../../src/contracts/rests.ts';
import { fakeClock, fakeLog } from '../fakes.fixture.ts';
import { Life } from '../crew/life.ts';
import { createGroupRests } from './rests.ts';

const target = (model: string, forMs: number): Rest => ({
  kind: 'target',
  lane: 'openai',
  model,
  print: 'abcdef',
  forMs,
  stated: true,
});

function setUp(workers: number) {
  const clock = fakeClock();
  const crew = Array.from({ length: workers }, (_, index) => {
    const life = new Life(index + 1, index, 0);
    const got: ToWorker[] = [];
    life.process = { pid: 1, send: (message) => got.push(message), kill: () => undefined };
    return { life, got };
  });
  const log = fakeLog();
  const rests = createGroupRests({
    clock,
    log,
    lives: () => crew.map(({ life }) => life),
    providers: () => [],
  });
  return { clock, crew, rests, log };
}

test('what one worker is refused goes to all others, once', () => {
  const { crew, rests } = setUp(3);
  rests.heard(target('m', 10_000), crew[0]!.life);
  rests.heard(target('m', 10_000), crew[1]!.life);
  expect(crew.map(({ got }) => got)).toEqual([
    [],
    [{ t: 'rest', rest: target('m', 10_000) }],
    [{ t: 'rest', rest: target('m', 10_000) }],
  ]);
});

test('a longer time is news to all but who brings it', () => {
  const { crew, rests } = setUp(2);
  rests.heard(target('m', 10_000), crew[0]!.life);
  rests.heard(target('m', 20_000), crew[1]!.life);
  expect(crew[0]!.got).toEqual([{ t: 'rest', rest: target('m', 20_000) }]);
});

test('a worker that starts later is told what is left', () => {
  const { clock, crew, rests } = setUp(1);
  rests.heard(target('m', 10_000), crew[0]!.life);
  clock.time = 4_000;
  expect(rests.current()).toEqual([target('m', 6_000)]);
  clock.time = 10_000;
  expect(rests.current()).toEqual([]);
});

test('without Redis nothing is loaded for it and nothing fails', () => {
  const { crew, rests, log } = setUp(1);
  rests.follow(null);
  rests.heard(target('m', 10_000), crew[0]!.life);
  rests.follow(null);
  expect(log.lines).toEqual([]);
});

const circuit = (state: CircuitState, at: number, forMs: number, model = 'm'): Rest => ({
  kind: 'circuit',
  lane: 'openai',
  model,
  print: 'abcdef',
  forMs,
  stated: false,
  state,
  at,
});

test('circuits are shown until they are closed, whatever came of openings before', () => {
  const { crew, rests } = setUp(2);
  const [one, other] = crew;
  rests.heard(circuit('open', 100, 2_000), one!.life);
  rests.heard(circuit('open', 100, 5_000, 'other'), other!.life);
  expect(rests.circuits()).toEqual([
    { provider: 'openai', model: 'm', state: 'open', since: 100 },
    { provider: 'openai', model: 'other', state: 'open', since: 100 },
  ]);
  rests.heard(circuit('half-open', 100, 31_000), one!.life);
  expect(rests.circuits()[0]).toMatchObject({ model: 'm', state: 'half-open' });
  rests.heard(circuit('open', 200, 3_000), one!.life);
  expect(rests.circuits()[0]).toMatchObject({ model: 'm', state: 'open', since: 200 });
  rests.heard(circuit('closed', 200, 120_000), one!.life);
  expect(rests.circuits().map(({ model }) => model)).toEqual(['other']);
  expect(other!.got).toHaveLength(4);
});

test('a circuit is closed by hand at every worker, one or all of them', () => {
  const { crew, rests } = setUp(2);
  rests.heard(circuit('open', 100, 2_000), crew[0]!.life);
  rests.heard(circuit('open', 100, 5_000, 'other'), crew[1]!.life);
  expect(rests.reset('openai', 'm')).toBe(1);
  expect(crew.map(({ got }) => got.at(-1))).toEqual(
    crew.map(() => ({ t: 'rest', rest: circuit('closed', 100, 120_000) })),
  );
  expect(rests.circuits().map(({ model }) => model)).toEqual(['other']);
  expect(rests.reset('elsewhere', null)).toBe(0);
  expect(rests.reset(null, null)).toBe(1);
  expect(rests.circuits()).toEqual([]);
});
