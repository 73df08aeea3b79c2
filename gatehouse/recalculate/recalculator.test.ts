// Recalculations over a real database: what changes, what stays, and a gatehouse that dies at any step.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import type { LogJob, LogReads } from '../../src/contracts/log-store.ts';
import type { PriceFields } from '../../src/contracts/price.ts';
import type { Recharge } from '../../src/contracts/recharge.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { createLogStore, type LogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { freshState, type RecalculateFilter } from './job-state.ts';
import { createRecalculator, RECALCULATE_KIND, type Recalculator } from './recalculator.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 29, 10);
const ALL: RecalculateFilter = {
  ...{ since: START, until: START + HOUR },
  ...{ models: [], providers: [], keys: [], teams: [] },
};
const CHARGES = 57;
let folder: string;
let store: LogStore;
let prices: Record<string, PriceFields>;
let told: Map<string, readonly Recharge[]>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-recalculate-'));
  store = createLogStore(openSqlite(path.join(folder, 'log.db'), LOG_SHAPE));
  prices = { 'openai/*': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 } };
  told = new Map();
  const rows = Array.from({ length: CHARGES }, (_, n) =>
    logRow({
      ...{ call: `c${n}`, at: START + n * 1_000, key: `key-${n % 3}`, team: `team-${n % 2}` },
      // 100 and 20 tokens at a price that was ten times too high; some had none at all.
      ...(n % 10 === 9 ? { costNano: null, priceVersion: '' } : { costNano: 1_400_000 }),
      provider: n % 5 === 4 ? 'other' : 'openai',
    }),
  );
  await store.write({ file: 'f', from: 0, to: 1, rows, bodies: [] });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As the primary: what is asked with one token counts once. */
async function primary(ask: GatehouseAsk): Promise<unknown> {
  if (ask.do === 'effective')
    return { prices, priceChanges: [], providers: [{ name: 'openai', vendor: 'openai' }] };
  if (ask.do !== 'recharge') throw new Error('not asked here');
  if (!told.has(ask.token)) told.set(ask.token, ask.charges);
  return null;
}

let ids = 0;
function made(log: Partial<LogReads> = {}, ask = primary): Recalculator {
  return createRecalculator({
    log: { ...store, ...log },
    logger: { warn: () => undefined } as never, // all that is used of it
    shared: false,
    ask,
    now: () => START + HOUR,
    id: () => `id-${++ids}`,
    corrected: () => undefined,
    stepCharges: 10,
  });
}

async function whole(how: Partial<RecalculateFilter> & { dryRun?: boolean } = {}): Promise<LogJob> {
  const recalculator = made();
  const { dryRun = false, ...filter } = how;
  const job = await recalculator.begin({ ...ALL, ...filter }, { dryRun, by: 'admin:ada' });
  await recalculator.stop();
  await made().round();
  const found = (await store.jobs('recalculate')).find(({ id }) => id === job!.id)!;
  expect(found.done).toBe(true);
  return found;
}

async function sound(costNano: number): Promise<void> {
  expect(await store.reconcile(START)).toMatchObject({
    ...{ costNano, summedNano: costNano, otherCost: 0, miscorrected: 0, withoutCharge: 0 },
  });
}
const toldNano = (): number => [...told.values()].flat().reduce((sum, { nano }) => sum + nano, 0);

// Of 57 charges 46 are openai's; the others have no price, neither before nor in the table, or one that nobody knows any more.
const OPENAI = 46;
const UNPRICED = 5;
const BEFORE = (CHARGES - UNPRICED) * 1_400_000;
/** All unpriced ones (n = 9, 19, …) are of `other` (n % 5 = 4). */
const AFTER = (CHARGES - UNPRICED - OPENAI) * 1_400_000 + OPENAI * 140_000;

describe('a recalculation', () => {
  it('corrects what comes to something else, budgets hear of it once, and asked again it does nothing', async () => {
    await sound(BEFORE);
    const { state } = await whole();
    expect(state).toMatchObject({
      ...{ charges: CHARGES, corrected: OPENAI, unpriced: UNPRICED, kept: CHARGES - OPENAI - UNPRICED },
      ...{ beforeNano: BEFORE, afterNano: AFTER, error: '', owner: '', untold: [] },
    });
    await sound(AFTER);
    expect(toldNano()).toBe(AFTER - BEFORE);
    const byKey = state['byKey'] as Record<string, { charges: number; differenceNano: number }>;
    expect(Object.keys(byKey).sort()).toEqual(['key-0', 'key-1', 'key-2']);
    expect(Object.values(byKey).reduce((sum, { differenceNano }) => sum + differenceNano, 0)).toBe(
      AFTER - BEFORE,
    );
    told.clear();
    expect((await whole()).state).toMatchObject({ corrected: 0, beforeNano: AFTER, afterNano: AFTER });
    expect(told.size).toBe(0);
    expect((await store.charges('c0'))[0]).toMatchObject({
      ...{ costNano: 140_000, originalNano: 1_400_000, priceVersion: 'configuration' },
      corrections: [{ fromNano: 1_400_000, toNano: 140_000 }],
    });
  });

  it('gives a price to what had none', async () => {
    prices['other/*'] = { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 };
    expect((await whole()).state).toMatchObject({
      corrected: CHARGES,
      priced: UNPRICED,
      unpriced: 0,
      kept: 0,
    });
    await sound(CHARGES * 140_000);
  });

  it('that is a dry run says what would be, and writes nothing', async () => {
    expect((await whole({ dryRun: true })).state).toMatchObject({ corrected: OPENAI, afterNano: AFTER });
    await sound(BEFORE);
    expect((await store.charges('c0'))[0]).toMatchObject({ costNano: 1_400_000, corrections: [] });
    expect(told.size).toBe(0);
  });

  it.each([
    ['keys', { keys: ['key-1', 'nobody'] }],
    ['teams', { teams: ['team-1'] }],
    ['providers', { providers: ['open*'] }],
    ['models at their provider', { models: ['gpt-4o-*'] }],
    ['models of a provider', { models: ['openai/gpt-4o-mini'] }],
    ['public names', { models: ['fast'] }],
    ['a time', { since: START + 10_000, until: START + 20_000 }],
  ] as const)('takes only the charges of %s', async (_, filter) => {
    const { state } = await whole(filter);
    const { items } = await store.ledger({ values: {}, ranges: {}, limit: 100 });
    const hit = items.filter(({ corrections }) => corrections.length > 0);
    expect(hit).toHaveLength(state['corrected'] as number);
    expect(hit.length).toBeGreaterThan(0);
    for (const { key, team, provider, at } of hit) {
      if ('keys' in filter) expect(key).toBe('key-1');
      if ('teams' in filter) expect(team).toBe('team-1');
      if ('since' in filter) expect(at >= filter.since && at < filter.until).toBe(true);
      expect(provider).toBe('openai');
    }
  });

  it.each([
    ['before a step is written', 'before'],
    ['when a step is written', 'after'],
    ['before budgets hear of it', 'untold'],
    ['when budgets have heard of it', 'told'],
  ])(
    'whose gatehouse dies again and again %s leaves nothing out, and does nothing twice',
    async (_, when) => {
      let deaths = 0;
      const dying = (): Recalculator => {
        let left = 2;
        const die = (): void => {
          if (left-- > 0) return;
          deaths++;
          throw new Error('killed');
        };
        return made(
          {
            async correct(batch) {
              if (when === 'before') die();
              const written = await store.correct(batch);
              if (when === 'after') die();
              return written;
            },
          },
          async (ask) => {
            if (ask.do === 'recharge' && when === 'untold') die();
            const answer = await primary(ask);
            if (ask.do === 'recharge' && when === 'told') die();
            return answer;
          },
        );
      };
      await put();
      for (let lives = 0; lives < 40; lives++) {
        await dying()
          .round()
          .catch(() => undefined);
        if ((await store.jobs('recalculate'))[0]!.done) break;
      }
      expect(deaths).toBeGreaterThan(1);
      const [job] = await store.jobs('recalculate');
      expect(job).toMatchObject({ done: true, state: { corrected: OPENAI, afterNano: AFTER, error: '' } });
      await sound(AFTER);
      expect(toldNano()).toBe(AFTER - BEFORE);
      const { items } = await store.ledger({ values: {}, ranges: {}, limit: 100 });
      expect(items.flatMap(({ corrections }) => corrections)).toHaveLength(OPENAI);
    },
  );

  it('waits for a primary that does not answer', async () => {
    await put();
    const away = made({}, () => Promise.reject(new Error('busy')));
    await expect(away.round()).rejects.toThrow('busy');
    await made().round();
    expect((await store.jobs('recalculate'))[0]).toMatchObject({ done: true, state: { corrected: OPENAI } });
  });

  it('ends when prices change under it: half of it would be of these, half of those', async () => {
    let steps = 0;
    const recalculator = made({
      async correct(batch) {
        if (++steps === 3) throw new Error('killed');
        return store.correct(batch);
      },
    });
    await put();
    await expect(recalculator.round()).rejects.toThrow('killed');
    prices['openai/*'] = { input_cost_per_token: 3e-6, output_cost_per_token: 2e-6 };
    await made().round();
    const [job] = await store.jobs('recalculate');
    expect(job).toMatchObject({ done: true, state: { untold: [] } });
    expect(job!.state['error']).toContain('prices changed');
    expect(toldNano()).toBe((job!.state['afterNano'] as number) - (job!.state['beforeNano'] as number));
    // Begun anew it makes all of them alike.
    expect((await whole()).state).toMatchObject({ error: '', afterNano: AFTER + OPENAI * 200_000 });
    await sound(AFTER + OPENAI * 200_000);
  });

  it('is the only one at a time, dry runs apart, and can be ended', async () => {
    const stuck = made({}, () => Promise.reject(new Error('busy')));
    const job = await begun(stuck);
    expect(await stuck.begin(ALL, { dryRun: false, by: 'b' })).toBeNull();
    expect(await stuck.begin(ALL, { dryRun: true, by: 'b' })).not.toBeNull();
    await stuck.stop();
    expect(await stuck.cancel('nobody')).toBeNull();
    expect(await stuck.cancel(job!.id)).toMatchObject({ done: true, state: { error: 'cancelled' } });
    await made().round();
    await sound(BEFORE);
    expect(await made().begin(ALL, { dryRun: true, by: 'b' })).not.toBeNull();
  });
});

/** One that nobody works on. */
async function put(): Promise<void> {
  const state = freshState(ALL, { dryRun: false, by: 'admin:ada', createdAt: START });
  const fresh = { id: 'j', kind: RECALCULATE_KIND, done: false, updatedAt: START, state: { ...state } };
  expect(await store.putJob(fresh, null)).toBe(true);
}

const begun = (recalculator: Recalculator): Promise<LogJob | null> =>
  recalculator.begin(ALL, { dryRun: false, by: 'admin:ada' });
