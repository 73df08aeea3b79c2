import { describe, expect, test } from 'vitest';
import type { Config } from '../contracts/config.ts';
import { AddressCap } from './exchange/address-cap.ts';
import { addressOf, count } from './uws/open-by-address.ts';

/** A cap of `most`, and a kernel's table that the test writes. */
function capOf(most: number, table: Map<string, number> | null = new Map()) {
  const world = { now: 0, most, table, reads: 0, told: [] as string[] };
  const deps = {
    clock: { now: () => world.now },
    current: () => ({
      snapshot: {
        config: { server: { maxConnectionsPerAddress: world.most } } as Config,
        proxies: { has: (address: string) => address === '10.0.0.1' },
      },
    }),
    refused: (how: string) => void world.told.push(how),
  };
  const read = (): Map<string, number> | null => {
    world.reads++;
    return world.table && new Map(world.table);
  };
  return { world, counted: new AddressCap(deps, read), exact: new AddressCap(deps) };
}

const open = (cap: AddressCap, address: string, times: number): string[] =>
  Array.from({ length: times }, () => cap.opened(address));

describe('where each end is told', () => {
  test('connections beyond the cap are over, and beyond twice the cap closed', () => {
    const { exact, world } = capOf(2);
    expect(open(exact, 'a', 6)).toEqual(['fits', 'fits', 'over', 'over', 'full', 'full']);
    expect(open(exact, 'b', 1)).toEqual(['fits']);
    expect(world.told).toEqual(['closed', 'closed']);
  });

  test('who closes some may open as many', () => {
    const { exact } = capOf(2);
    open(exact, 'a', 3);
    for (let at = 0; at < 2; at++) exact.closed('a');
    expect(open(exact, 'a', 2)).toEqual(['fits', 'over']);
  });

  test('no other request is refused for one that is over', () => {
    const { exact } = capOf(1);
    open(exact, 'a', 2);
    expect([exact.owed, exact.takes('a')]).toEqual([false, false]);
  });
});

describe('where nobody tells of ends', () => {
  test('the kernel’s table says who has too many, asked once somebody seems to', () => {
    const { counted, world } = capOf(3);
    expect(open(counted, 'a', 3)).toEqual(['fits', 'fits', 'fits']);
    expect(world.reads).toBe(0);
    world.table = new Map([['a', 1]]);
    expect(open(counted, 'a', 3)).toEqual(['fits', 'fits', 'fits']);
    expect(world.reads).toBe(1);
  });

  test('as many requests are refused as connections are over, whoever sends them', () => {
    const { counted, world } = capOf(2);
    world.table = new Map([
      ['a', 4],
      ['b', 2],
    ]);
    expect(open(counted, 'a', 3)).toEqual(['fits', 'fits', 'over']);
    expect(counted.owed).toBe(true);
    expect([counted.takes('b'), counted.takes('a'), counted.takes('a'), counted.takes('a')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([counted.owed, world.told]).toEqual([false, ['told', 'told']]);
  });

  test('who had too many and let them go is not refused later', () => {
    const { counted, world } = capOf(1);
    world.table = new Map([['a', 2]]);
    open(counted, 'a', 2);
    expect(counted.owed).toBe(true);
    world.table = new Map([['a', 1]]);
    world.now = 60_000;
    expect(counted.takes('a')).toBe(false);
    expect([counted.owed, world.told]).toEqual([false, []]);
  });

  test('the table is read once a second at most; in between who opens is believed to have', () => {
    const { counted, world } = capOf(1);
    world.table = new Map([['a', 1]]);
    expect(open(counted, 'a', 4)).toEqual(['fits', 'fits', 'over', 'full']);
    expect(world.reads).toBe(1);
    world.now = 1_000;
    expect(open(counted, 'a', 1)).toEqual(['fits']);
    expect([world.reads, counted.owed]).toEqual([2, false]);
  });

  test('where there is no such table nobody is refused', () => {
    const { counted } = capOf(1, null);
    expect(open(counted, 'a', 2)).toEqual(['fits', 'fits']);
  });
});

test.each(['exact', 'counted'] as const)(
  'proxies, unknown addresses and a cap of none are let in: %s',
  (which) => {
    const { [which]: cap, world } = capOf(1);
    world.table = new Map([['10.0.0.1', 50]]);
    expect(new Set([...open(cap, '10.0.0.1', 50), ...open(cap, '', 50)])).toEqual(new Set(['fits']));
    open(cap, 'a', 2);
    expect(cap.takes('10.0.0.1')).toBe(false);
    world.most = 0;
    expect(cap.off).toBe(true);
    expect(new Set(open(cap, 'a', 50))).toEqual(new Set(['fits']));
  },
);

describe('the kernel’s table', () => {
  const row = (local: string, other: string, state: string, inode = '13231330'): string =>
    `  28: ${local} ${other} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 0`;
  test('is counted by port, address and state, of those that were accepted', () => {
    const open = new Map<string, number>();
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue',
      row('0100007F:8D7F', '0100007F:C1B2', '01'),
      row('0100007F:8D7F', '0100007F:C1B3', '01'),
      row('0100007F:8D7F', '0200007F:C1B2', '06'),
      row('0100007F:8D7F', '0200007F:C1B4', '01', '0'),
      row('0100007F:1F90', '0300007F:C1B2', '01'),
      row('0100007F:C1B2', '0100007F:8D7F', '01'),
      '',
    ];
    count(table.join('\n'), 0x8d7f, open);
    expect([...open]).toEqual([['127.0.0.1', 2]]);
  });

  test.each([
    ['0100007F', '127.0.0.1'],
    ['0000000000000000FFFF00000100007F', '0000:0000:0000:0000:0000:ffff:7f00:0001'],
    ['00000000000000000000000001000000', '0000:0000:0000:0000:0000:0000:0000:0001'],
  ])('writes %s for %s', (hex, address) => {
    expect(addressOf(hex)).toBe(address);
  });
});
