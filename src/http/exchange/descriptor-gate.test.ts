// What the gate does to a real listener: tests/integration/cluster/descriptors.test.ts.
import { expect, it } from 'vitest';
import { createDescriptorGate, mostConnections } from './descriptor-gate.ts';

it.each([
  [300, 40, 124],
  [1_024, 40, 486],
  [65_536, 40, 57_292],
  [1_048_576, 40, 1_040_332],
  [40, 40, 1],
])('of %i descriptors with %i in use, clients get %i', (limit, base, most) => {
  expect(mostConnections(limit, base)).toBe(most);
});

it('watches nothing where the limit is unknown', () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const gate = createDescriptorGate({ limit: null, count: () => null, log, now: () => 0 });
  gate.begin();
  for (let i = 0; i < 100_000; i++) expect(gate.opened()).toBe(true);
  gate.closed();
  expect(gate.connections).toBe(99_999);
  expect(gate.held).toBe(0);
});
