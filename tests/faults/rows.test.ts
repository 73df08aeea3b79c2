// Which test stands for which row of the fault catalogue's state (S), access and attacks (A); the others are named by their ids
// (tests/conformance/fault-rows.test.ts).
// A row that is not here has no test; one whose test is renamed or gone is found here.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const redisFaults = 'tests/integration/redis/faults.test.ts';
const postgres = 'tests/integration/postgres/gateways.test.ts';
const whoMay = 'gatehouse/api/who-may.test.ts';

/** Id -> file, and words that stand in it: the test's title or the case. */
const ROWS: readonly (readonly [id: string, file: string, words: string])[] = [
  ['S01', redisFaults, 'S01'],
  ['S02', redisFaults, 'S02'],
  ['S03', redisFaults, 'S03'],
  ['S04', redisFaults, 'S04'],
  ['S05', redisFaults, 'S05'],
  ['S05', 'tests/integration/redis/gateways.test.ts', 'S05'],
  ['S06', postgres, 'with the database gone who is known goes on'],
  ['S06', postgres, 'S06: with the database frozen likewise'],
  ['S06', 'gatehouse/keep/publisher.test.ts', 'S06: with the store away'],
  ['S07', 'tests/integration/cluster/reload.test.ts', 'is also one that is cut off in the middle, or gone'],
  [
    'A02',
    'tests/integration/admin/keys.test.ts',
    'a key works once it is made, as its team may, and no longer',
  ],
  ['A02', postgres, 'a key made at one works at all, and ends at all'],
  ['A02', 'tests/integration/redis/commit-bell.test.ts', 'what was rung while Redis was away'],
  ['A03', whoMay, "describe('A03'"],
  ['A04', whoMay, 'A04: no body that makes or changes an object'],
  ['A05', 'src/media/media-fetcher.test.ts', 'where one of the addresses of its name is not allowed'],
  ['A06', 'src/cache/key.test.ts', 'never says the same of two tenants'],
  [
    'A06',
    'tests/integration/shared-answers.test.ts',
    'is for one caller alone, and a failure is not an answer',
  ],
  ['A07', 'src/gateway/cache.test.ts', 'a stream that broke off'],
  ['A08', 'src/observability/redact.test.ts', 'leaves no planted credential in any text around it'],
  ['A08', 'tests/integration/admin/keys.test.ts', 'no key lies in the store in the clear'],
  ['A09', 'tests/conformance/store.ts', "OR '1'='1"],
  ['A10', 'tests/integration/admin/api.test.ts', 'whose cookie changes nothing without its token'],
  ['A10', 'tests/ui/first-run.test.ts', 'in nobody’s frame'],
  ['A11', 'cluster/command/audit-command.test.ts', 'lists entries as lines that no terminal obeys'],
  ['A11', 'tests/ui/behaviour.test.ts', 'its texts as text'],
  ['A12', 'scripts/lock.test.ts', 'A12: packages of'],
];

test.each(ROWS)('%s has its test in %s', (_, file, words) => {
  expect(readFileSync(path.join(root, file), 'utf8')).toContain(words);
});
