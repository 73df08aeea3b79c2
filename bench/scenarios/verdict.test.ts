import { expect, test } from 'vitest';
import { failedShare, failures, loadVoid } from './verdict.ts';

const facts = (failed: number, generatorBusy: number, reason: string | null = null) => ({
  failed,
  generatorBusy,
  void: reason,
});

test("without failures the lab's word counts", () => {
  expect(loadVoid(facts(0, 0.9, 'busy'), true)).toBe('busy');
  expect(loadVoid(facts(0, 0.9), true)).toBeNull();
});
test('failures alone make nothing void where they are what is counted', () => {
  expect(loadVoid(facts(7, 0.5, '7 of 9 failed'), true)).toBeNull();
});
test('above 80 % of its core a paced generator makes the run void, 80 % and a closed loop do not', () => {
  expect(loadVoid(facts(7, 0.85, 'x'), true)).toContain('85 %');
  expect(loadVoid(facts(7, 0.8, 'x'), true)).toBeNull();
  expect(loadVoid(facts(7, 0.99, 'x'), false)).toBeNull();
});
test('failures are told with their first reason, beside the good ones', () => {
  expect(failures({ requests: 10, failed: 0, firstFault: null })).toBeUndefined();
  expect(failures({ requests: 10, failed: 3, firstFault: 'status 500' })).toBe('3 of 13 failed: status 500');
});
test('the share of failures is of all calls', () => {
  expect(failedShare({ requests: 9, failed: 1 })).toBe(0.1);
  expect(failedShare({ requests: 0, failed: 0 })).toBe(1);
});
