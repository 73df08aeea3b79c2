import { expect, test } from 'vitest';
import { machineFacts } from './machine.ts';

test('a report says which machine and which versions its numbers are from', () => {
  const facts = machineFacts();
  expect(facts.uws).toMatch(/^20\.\d+\.\d+$/);
  expect(facts.node).toBe(process.version);
  expect(facts.cpu).not.toBe('');
});
