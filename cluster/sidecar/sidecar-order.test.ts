import { expect, test } from 'vitest';
import { packOrder, type SidecarOrder, unpackOrder } from './sidecar-order.ts';

const order: SidecarOrder = {
  configFile: undefined,
  port: 8123,
  program: 'pytest',
  args: ['--', '-k', 'a "b"', ...Array.from({ length: 4_000 }, (_, at) => `tests/${'x'.repeat(60)}${at}.py`)],
  added: ['MALLOC_ARENA_MAX'],
};

test('an order comes out of its arguments as it went in', () => {
  expect(unpackOrder(packOrder(order))).toEqual(order);
});

test('many arguments of a program are as many of its own, each short enough for the system', () => {
  expect(Math.max(...packOrder(order).map((word) => word.length))).toBeLessThan(1_000);
});

test('without an order nothing is started', () => {
  expect(() => unpackOrder([])).toThrow('headgate sidecar');
  expect(() => unpackOrder(['{}'])).toThrow('headgate sidecar');
});
