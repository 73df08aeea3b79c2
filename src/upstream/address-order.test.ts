import { describe, expect, it } from 'vitest';
import type { Address } from '../contracts/names.ts';
import { AddressOrder } from './address-order.ts';

const four = (n: number): Address => ({ address: `10.0.0.${n}`, family: 4 });
const six = (n: number): Address => ({ address: `fd00::${n}`, family: 6 });
const shown = (list: readonly Address[]): string[] => list.map(({ address }) => address);

describe('the order of addresses', () => {
  it('takes families in turn, and begins elsewhere in each with every connection', () => {
    const order = new AddressOrder(() => 0);
    const both = [six(1), six(2), four(1), four(2), four(3)];
    expect(shown(order.order(both))).toEqual(['fd00::1', '10.0.0.1', 'fd00::2', '10.0.0.2', '10.0.0.3']);
    expect(shown(order.order(both))).toEqual(['fd00::2', '10.0.0.2', 'fd00::1', '10.0.0.3', '10.0.0.1']);
  });

  it('begins with the family that worked last', () => {
    const order = new AddressOrder(() => 0);
    order.worked(four(1));
    expect(shown(order.order([six(1), four(1)]))).toEqual(['10.0.0.1', 'fd00::1']);
  });

  it('puts an address that failed behind the others for a while, or until it worked', () => {
    let now = 0;
    const order = new AddressOrder(() => now);
    const pool = [four(1), four(2)];
    order.failed(four(1));
    for (let i = 0; i < 4; i++) expect(shown(order.order(pool))[0]).toBe('10.0.0.2');
    now = 10_001;
    expect([0, 1].map(() => shown(order.order(pool))[0]).sort()).toEqual(['10.0.0.1', '10.0.0.2']);
    order.failed(four(1));
    order.worked(four(1));
    expect([0, 1].map(() => shown(order.order(pool))[0]).sort()).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('names no more than may be tried at once', () => {
    const many = Array.from({ length: 40 }, (_, i) => four(i));
    const order = new AddressOrder(() => 0);
    expect(order.order(many)).toHaveLength(8);
    for (const address of many) order.failed(address);
    expect(order.order(many)).toHaveLength(8);
  });
});
