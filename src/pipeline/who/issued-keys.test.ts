import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { createFrameWriter } from '../../governance/issued-frame.ts';
import { createCallers } from './callers.ts';
import { directoryOf } from './directory.ts';
import { IssuedKeys } from './issued-keys.ts';

const secret = Buffer.alloc(32, 3);
const coded = secret.toString('base64');
const NONE = new Uint8Array();
const hashOf = (credential: string): Buffer => createHmac('sha256', secret).update(credential).digest();

function frameOf(
  holders: Readonly<Record<string, { name: string; id?: string; [more: string]: unknown }>>,
): Buffer {
  const writer = createFrameWriter();
  for (const [credential, holder] of Object.entries(holders))
    writer.add(holder.id ?? holder.name, [
      [hashOf(credential).toString('base64url'), JSON.stringify(holder)],
    ]);
  return writer.take();
}

it('finds a key by its hash, gives the same principal each time, and a new one once its row says something else', () => {
  const keys = new IssuedKeys();
  expect(keys.find('hg-one')).toBeNull();
  keys.learn(frameOf({ 'hg-one': { name: 'one', id: 'key_1', team: 'red' } }), NONE, coded);
  expect(keys.met('hg-one')).toBeNull();
  const first = keys.find('hg-one');
  expect(first).toMatchObject({ id: 'key_1', name: 'one', team: 'red' });
  expect(keys.met('hg-one')).toBe(first);
  keys.learn(frameOf({ 'hg-one': { name: 'one', id: 'key_1', blocked: true } }), NONE, coded);
  expect(keys.met('hg-one')).toBeNull();
  expect(keys.find('hg-one')).toMatchObject({ blocked: true, team: null });
  keys.learn(NONE, hashOf('hg-one'), coded);
  expect(keys.met('hg-one')).toBeNull();
  expect(keys.find('hg-one')).toBeNull();
});

it('finds a key by its name, the same principal each time, and a new one once its row says something else', () => {
  const keys = new IssuedKeys();
  keys.learn(frameOf({ a: { name: 'one', id: 'key_1' }, b: { name: 'two', id: 'key_2' } }), NONE, coded);
  const one = keys.named('one');
  expect(one).toMatchObject({ id: 'key_1', blocked: false });
  keys.learn(frameOf({ b: { name: 'two', id: 'key_2', team: 'red' } }), NONE, coded);
  expect(keys.named('one')).toBe(one);
  keys.learn(frameOf({ a: { name: 'one', id: 'key_1', blocked: true } }), NONE, coded);
  expect(keys.named('one')).toMatchObject({ id: 'key_1', blocked: true });
  // Another credential of the same key.
  keys.learn(frameOf({ c: { name: 'one', id: 'key_1' } }), hashOf('a'), coded);
  expect(keys.named('one')).toMatchObject({ id: 'key_1', blocked: false });
  keys.learn(frameOf({ c: { name: 'other', id: 'key_1' } }), NONE, coded);
  expect([keys.named('one'), keys.named('other')?.id]).toEqual([null, 'key_1']);
  keys.learn(NONE, hashOf('c'), coded);
  expect(keys.named('other')).toBeNull();
});

it('says once which keys were met since it was asked', () => {
  const keys = new IssuedKeys();
  keys.learn(frameOf({ a: { name: 'a' }, b: { name: 'b' } }), NONE, coded);
  keys.find('a');
  expect(keys.takeUsed()).toEqual(['a']);
  expect(keys.takeUsed()).toEqual([]);
  keys.met('a');
  keys.find('b');
  expect(keys.takeUsed().sort()).toEqual(['a', 'b']);
});

it('stands beside the keys of the file, and says whether it knows all', () => {
  const issued = new IssuedKeys();
  issued.learn(frameOf({ 'hg-issued': { name: 'issued' } }), NONE, coded);
  const callers = createCallers(directoryOf([{ name: 'file', value: 'hg-file' }]), issued);
  expect(callers.find('hg-file')?.name).toBe('file');
  expect(callers.find('hg-issued')?.name).toBe('issued');
  expect(callers.find('hg-other')).toBeNull();
  expect(callers.knowsAll?.()).toBe(true);
  expect(callers.size).toBe(2);
  expect(callers.named('issued')).toMatchObject({ name: 'issued' });
  expect(callers.named('issue')).toBeNull();
  issued.whole = false;
  expect(callers.knowsAll?.()).toBe(false);
  expect(callers.size).toBe(3);
});
