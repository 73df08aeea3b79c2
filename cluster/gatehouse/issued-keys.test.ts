import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FromGatehouse } from '../../src/contracts/gatehouse-ipc.ts';
import { createFrameWriter, HASH_BYTES, hashOf, rowEnd } from '../../src/governance/issued-frame.ts';
import { IssuedKeys } from '../../src/pipeline/who/issued-keys.ts';
import { createIssuedKeys } from './issued-keys.ts';

type Issued = Extract<FromGatehouse, { t: 'issued' }>;

const secret = Buffer.alloc(32, 7).toString('base64');
const digest = (name: string): Buffer => createHash('sha256').update(name).digest();

/** Keys by id, each with the names of its hashes; a name may say more behind `:`, which is another holder of the same hash. */
function frameOf(keys: Readonly<Record<string, readonly string[]>>): Buffer {
  const writer = createFrameWriter();
  for (const [id, names] of Object.entries(keys))
    writer.add(
      id,
      names.map((name) => [digest(name.split(':')[0]!).toString('base64url'), JSON.stringify({ name, id })]),
    );
  return writer.take();
}
const message = (
  keys: Readonly<Record<string, readonly string[]>>,
  over: { drop?: string[]; reset?: boolean; last?: boolean } = {},
): Issued => ({ t: 'issued', frame: frameOf(keys), secret, drop: [], reset: false, last: true, ...over });

function toldOf(told: { frame: Uint8Array; drop: Uint8Array } | null) {
  const hashes: string[] = [];
  const frame = Buffer.from(told?.frame ?? []);
  for (let at = 0; at < frame.length; at = rowEnd(frame, at)) hashes.push(hashOf(frame, at).toString('hex'));
  const drop = Buffer.from(told?.drop ?? []);
  const gone = Array.from({ length: drop.length / HASH_BYTES }, (_, n) =>
    drop.toString('hex', n * HASH_BYTES, (n + 1) * HASH_BYTES),
  );
  return { put: hashes, drop: gone };
}
const hex = (...names: string[]): string[] => names.map((name) => digest(name).toString('hex'));

it('tells of a change alone what changed, the hashes that a key lost included', () => {
  const keys = createIssuedKeys(false);
  keys.learn(message({ a: ['a1'] }, { reset: true }));
  expect(toldOf(keys.learn(message({ a: ['a2', 'a1'] })))).toEqual({ put: hex('a2'), drop: [] });
  expect(toldOf(keys.learn(message({ a: ['a2', 'a1:blocked'] })))).toEqual({ put: hex('a1'), drop: [] });
  expect(toldOf(keys.learn(message({ a: ['a2'] })))).toEqual({ put: [], drop: hex('a1') });
  expect(toldOf(keys.learn(message({}, { drop: ['a'] })))).toEqual({ put: [], drop: hex('a2') });
  expect(keys.learn(message({}, { drop: ['a'] }))).toBeNull();
  expect(keys.size).toBe(0);
});

it('of a whole list that comes anew tells what is new at once, and what is gone once all of it has come', () => {
  const keys = createIssuedKeys(false);
  keys.learn(message({ a: ['a'], b: ['b'] }, { reset: true }));
  expect(keys.learn(message({ a: ['a'] }, { reset: true, last: false }))).toBeNull();
  expect(toldOf(keys.learn(message({ c: ['c'] })))).toEqual({ put: hex('c'), drop: hex('b') });
  expect(keys.size).toBe(2);
});

it('drops nothing for a list that broke off, and all that is gone with the next one', () => {
  const keys = createIssuedKeys(false);
  keys.learn(message({ a: ['a'], b: ['b'], c: ['c'] }, { reset: true }));
  // The gatehouse died within it.
  expect(keys.learn(message({ a: ['a'], b: ['b'] }, { reset: true, last: false }))).toBeNull();
  expect(toldOf(keys.learn(message({ a: ['a'] }, { reset: true })))).toEqual({
    put: [],
    drop: hex('b', 'c'),
  });
});

it('says so when the hashes have another secret, even of no keys', () => {
  const keys = createIssuedKeys(true);
  expect(keys.all()).toEqual([]);
  expect(keys.learn(message({}, { reset: true }))).toMatchObject({ secret });
  expect(keys.learn(message({}, { reset: true }))).toBeNull();
  expect(keys.all()).toMatchObject([{ secret }]);
});

it('gives a worker that comes later everything, as it is now', () => {
  const keys = createIssuedKeys(true);
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, [`h${n}`]]));
  keys.learn(message(many, { reset: true }));
  keys.learn(message({ k7: ['h7:other'] }, { drop: ['k8'] }));
  const told = keys.all();
  expect(told.length).toBeGreaterThan(1);
  const worker = new IssuedKeys();
  for (const { frame, drop, secret: of } of told) worker.learn(Buffer.from(frame), drop, of);
  expect(worker.size).toBe(19_999);
  expect(worker.named('h7:other')).toMatchObject({ id: 'k7' });
  expect(worker.named('h7')).toBeNull();
  expect(worker.named('h8')).toBeNull();
});

it('finds what keys have of their own by their names, however those are spelled', () => {
  const keys = createIssuedKeys(true);
  const own = { version: 1, limits: [{ requests: '1/s' }] };
  const names = ['plain', 'with "quotes"', 'back\\slash\\', 'ünïcode ✓', '\\"', 'tab\t'];
  const writer = createFrameWriter();
  for (const [at, name] of names.entries())
    writer.add(`k${at}`, [
      [
        digest(`${at} old`).toString('base64url'),
        JSON.stringify({ name, id: `k${at}`, own, expiresAtMs: 5 }),
      ],
      [digest(`${at}`).toString('base64url'), JSON.stringify({ name, id: `k${at}`, own })],
    ]);
  writer.add('none', [[digest('none').toString('base64url'), JSON.stringify({ name: 'none', id: 'none' })]]);
  keys.learn({ ...message({}, { reset: true }), frame: writer.take() });
  expect(keys.ownOf(new Set([...names, 'none', 'nobody']))).toEqual(
    names.map((name, at) => ({ name, id: `k${at}`, own })),
  );
  expect(keys.ownOf(new Set(['with']))).toEqual([]);
  expect(keys.ownOf(new Set())).toEqual([]);
});

it('takes a first list in messages of many rows as it does one by one, and compares whatever comes behind it', () => {
  const keys = createIssuedKeys(false);
  const part = (from: number): Record<string, string[]> =>
    Object.fromEntries(
      Array.from({ length: 9_000 }, (_, n) => [`k${from + n}`, [`h${from + n}`, `old${from + n}`]]),
    );
  const told = [
    keys.learn(message(part(0), { reset: true, last: false })),
    keys.learn(message(part(9_000), { last: false })),
    keys.learn(message({ z: ['z'] })),
  ];
  expect(told.map((one) => toldOf(one).put.length)).toEqual([18_000, 18_000, 1]);
  expect(keys.size).toBe(36_001);
  expect(toldOf(keys.learn(message({ k5: ['h5'], k17999: ['new'] })))).toEqual({
    put: hex('new'),
    drop: hex('old5', 'h17999', 'old17999'),
  });
  expect(keys.learn(message(part(0), { reset: true, last: false }))).not.toBeNull();
  // k5's old one is back, z and those of the second message are not.
  expect(toldOf(keys.learn(message({}))).drop).toHaveLength(1 + 17_999);
  expect(keys.size).toBe(18_000);
});

it('compares with what one change brought, also where nothing was there before', () => {
  const keys = createIssuedKeys(true);
  keys.learn(message({}, { reset: true }));
  keys.learn(message({ a: ['a1'] }));
  expect(toldOf(keys.learn(message({ a: ['a2'] })))).toEqual({ put: hex('a2'), drop: hex('a1') });
});
