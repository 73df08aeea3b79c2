// Plans and the cells in them, with a real lane and a real model table: what is known of a model outlives the plan it was
// learned by.
import { expect, test } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { DialectName } from '../contracts/dialect.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createModelTable } from '../routing/model-table.ts';
import { createLane } from './lane.ts';

function setUp() {
  const clock = { time: 1_000, now: () => clock.time, wall: () => clock.time };
  const provider = makeProvider('p');
  const lane = createLane(provider, {
    clock,
    broker: { gone: false, want() {} },
    share: { run: 1, wait: 1 },
    upstream: {} as Upstream, // nothing is sent here
  });
  const table = () =>
    createModelTable({
      providers: [provider],
      aliases: { fast: { targets: ['p/m'] } },
      lane: () => lane,
      dialect: dialectByName,
    });
  return { clock, lane, table };
}

test('a model is known through every name, dialect and snapshot that leads to it', () => {
  const { lane, table } = setUp();
  const cellOf = (models: ReturnType<typeof table>, name: string, dialect: DialectName) =>
    models.plan(name, dialect, null)!.targets[0]!.cell;
  const before = table();
  cellOf(before, 'p/m', 'openai-chat').cool(5_000, true);
  for (const models of [before, table()]) {
    for (const name of ['p/m', 'm', 'fast']) {
      expect(cellOf(models, name, 'openai-chat').leftMs()).toBe(5_000);
      expect(cellOf(models, name, 'anthropic').leftMs()).toBe(5_000);
    }
    expect(cellOf(models, 'p/n', 'openai-chat').leftMs()).toBe(0);
  }
  expect(lane.cooling()).toBe(1);
});

test('plans beyond those that are kept are made for each call, and know what calls before them learned', () => {
  const { clock, lane, table } = setUp();
  const models = table();
  const plan = (name: string) => models.plan(name, 'openai-chat', null)!;
  for (let n = 0, kept = true; kept; n++) {
    expect(n).toBeLessThan(100_000);
    const first = plan(`p/m${n}`);
    kept = plan(`p/m${n}`) === first;
  }
  const cell = () => plan('p/late').targets[0]!.cell;
  const one = plan('p/late');
  expect(plan('p/late')).not.toBe(one);

  // Each refusal of a row comes by a call of its own.
  expect(cell().guess(1_000, 60_000)).toBe(1_000);
  expect(cell().leftMs()).toBe(1_000);
  clock.time += 1_000;
  expect(cell().guess(1_000, 60_000)).toBe(2_000);
  const old = cell();
  cell().served(clock.time);
  expect(old.leftMs()).toBe(0);
  expect(lane.cooling()).toBe(0);
});
