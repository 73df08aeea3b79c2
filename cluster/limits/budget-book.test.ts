import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BudgetAlert, BudgetUse } from '../../src/contracts/budget.ts';
import { createBudgetBook, MARKS_FILE } from './budget-book.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'marks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NOW = 1_800_000_000_000;
const none = (): void => undefined;
function book(wall = NOW, books: [spent: number, held: number] = [0, 0]) {
  const told: BudgetAlert[] = [];
  const clock = { now: () => 0, wall: () => wall };
  const log = { debug: none, info: none, warn: none, error: none, fatal: none };
  const made = createBudgetBook(
    { clock, log, booked: () => ({ spent: books[0], held: books[1] }), tell: (alert) => told.push(alert) },
    folder,
  );
  return { ...made, told, marks: () => told.map(({ id, mark }) => `${id} ${mark}`) };
}
const use = (change: Partial<BudgetUse>): BudgetUse => ({
  id: 'a',
  budget: 'a-1d',
  owner: 'key a',
  window: '1d',
  amountNano: 100,
  softNano: 80,
  endsAtMs: NOW + 10,
  nano: 0,
  refused: 0,
  ...change,
});

describe('the book of budgets', () => {
  it('tells of each budget and window once, whichever workers used it up', () => {
    const one = book();
    for (let worker = 0; worker < 4; worker++)
      one.heard([use({ nano: 50 }), use({ id: 'b', nano: 30 }), use({ id: 'c', nano: 1 })]);
    expect(one.marks()).toEqual(['a soft', 'a hard', 'b soft', 'b hard']);
    expect(one.told[0]).toMatchObject({
      spentNano: 100,
      amountNano: 100,
      budget: 'a-1d',
      owner: 'key a',
      atMs: NOW,
    });
  });

  it('does not tell again after a restart, but in the next window', () => {
    const one = book();
    one.heard([use({ nano: 85 }), use({ id: 'old', nano: 85, endsAtMs: NOW - 1 })]);
    one.close();
    const two = book();
    two.heard([use({ nano: 1 }), use({ nano: 14 }), use({ id: 'old', nano: 85, endsAtMs: NOW - 1 })]);
    expect(two.marks()).toEqual(['a hard', 'old soft']);
    expect(two.told[0]!.spentNano).toBe(100);
  });

  it('says what is spent and what is held of the rest as the books have it, that refused', () => {
    // Another worker has spent 15 that it did not tell of yet, and 5 are held.
    const one = book(NOW, [95, 5]);
    one.heard([use({ nano: 80, refused: 1 })]);
    // The books are behind what was told: nothing counts twice, nor is there more than the amount.
    const two = book(NOW, [10, 95]);
    two.heard([use({ nano: 90 }), use({ nano: 20 })]);
    expect([...one.told, ...two.told].map((told) => [told.mark, told.spentNano, told.reservedNano])).toEqual([
      ['soft', 95, 5],
      ['hard', 95, 5],
      ['soft', 90, 10],
      ['hard', 110, 0],
    ]);
  });

  it('begins anew where its file is broken', () => {
    for (const text of ['{', '[["a",1]]', '[["a",{"nano":"1"}]]', 'null']) {
      writeFileSync(path.join(folder, MARKS_FILE), text);
      const one = book();
      one.heard([use({ nano: 80 })]);
      expect(one.marks()).toEqual(['a soft']);
    }
  });
});
