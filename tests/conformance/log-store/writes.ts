// What is written into a log beside its rows, and what is written once alone. Part of describeLogStore.
import { expect, it } from 'vitest';
import { logRow } from '../../../src/observability/requests/row.fixture.ts';
import { filter, HOUR, type LogUnderTest, START } from './log-under-test.ts';

/** Of a file, its bodies, and who is still to be told of what. */
export function writesOf(log: LogUnderTest): void {
  it('writes what a file said once, whoever reads it, and says how far it was read', async () => {
    const other = await log.again();
    const batch = {
      file: 'twice',
      from: 0,
      to: 77,
      rows: [logRow({ call: 'once', key: 'twice', at: START + 3 * HOUR })],
      bodies: [],
    };
    const results = await Promise.all([log.store.write(batch), other.write(batch)]);
    expect(results.filter(({ written }) => written)).toHaveLength(1);
    expect(results.find(({ written }) => !written)).toEqual({ written: false });
    expect(await log.calls(filter({ key: ['twice'] }))).toEqual(['once']);
    expect((await other.places()).get('twice')).toEqual({ place: 77, summed: 0 });
    expect([await log.store.sum(), await other.sum()].sort()).toEqual([true, true]);
    await log.store.forget(['twice']);
    expect((await other.places()).has('twice')).toBe(false);
    await other.close();
  });

  it('keeps bodies apart from rows, the first of each kind', async () => {
    const body = {
      call: 'with-body',
      at: START,
      kind: 'request',
      bytes: 3,
      truncated: false,
      sha256: 'h',
      encoding: 'utf8',
      text: 'äöü',
    } as const;
    await log.store.write({
      file: 'bodies',
      from: 0,
      to: 5,
      rows: [],
      bodies: [body, { ...body, kind: 'answer', text: '' }],
    });
    await log.store.write({
      file: 'bodies',
      from: 5,
      to: 9,
      rows: [],
      bodies: [{ ...body, text: 'another' }],
    });
    expect(await log.store.bodies('with-body')).toEqual([body, { ...body, kind: 'answer', text: '' }]);
    expect(await log.store.bodies('without')).toEqual([]);
  });

  it('keeps who is to be told of which row until it was told', async () => {
    const at = START + 700 * HOUR;
    const rows = ['w1', 'w2', 'w3'].map((call, n) => logRow({ call, at: at + n }));
    await log.store.write({ file: 'told', from: 0, to: 1, rows, bodies: [] }, (logged) =>
      logged.slice(0, 2).map(({ id }) => ({ sink: 'hook', id })),
    );
    const other = await log.again();
    const waiting = await other.untold('hook', 10);
    expect(waiting.map(({ call }) => call)).toEqual(['w1', 'w2']);
    expect(await other.untold('hook', 1)).toHaveLength(1);
    expect(await other.untold('elsewhere', 10)).toEqual([]);
    await log.store.told('hook', [waiting[0]!.id]);
    expect((await other.untold('hook', 10)).map(({ call }) => call)).toEqual(['w2']);
    await other.close();
  });
}
