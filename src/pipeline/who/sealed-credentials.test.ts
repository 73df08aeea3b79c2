import { describe, expect, it } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import { createSeal, credentialsOf, withCredentials } from './sealed-credentials.ts';

const { head: template } = fakeCall('openai-chat', { model: 'm', messages: [] }, []).call;
function headOf(pairs: readonly (readonly [string, string])[]) {
  const headers = new HeaderBag();
  for (const [name, value] of pairs) headers.add(name, value);
  return { ...template, headers };
}

describe('a seal', () => {
  const seal = createSeal<{ n: number }>('hgx_', 'trial', () => 'secret');

  it('opens what it closed, and what another with the same secret closed', () => {
    expect(seal.open(seal.close({ n: 1 }))).toEqual({ n: 1 });
    expect(createSeal('hgx_', 'trial', () => 'secret').open(seal.close({ n: 2 }))).toEqual({ n: 2 });
  });

  it('opens nothing of another secret, purpose or mark, and nothing that was changed or cut', () => {
    const closed = seal.close({ n: 1 });
    expect(createSeal('hgx_', 'trial', () => 'other').open(closed)).toBeNull();
    expect(createSeal('hgx_', 'other', () => 'secret').open(closed)).toBeNull();
    expect(createSeal('hgy_', 'trial', () => 'secret').open(closed)).toBeNull();
    for (let at = 4; at < closed.length - 1; at++) {
      const changed = `${closed.slice(0, at)}${closed[at] === 'A' ? 'B' : 'A'}${closed.slice(at + 1)}`;
      expect(seal.open(changed)).toBeNull();
    }
    for (const cut of ['', 'hgx_', closed.slice(0, 20), closed.slice(0, -2)])
      expect(seal.open(cut)).toBeNull();
  });

  it('never closes the same into the same text', () => {
    expect(seal.close({ n: 1 })).not.toBe(seal.close({ n: 1 }));
  });
});

describe('credentials', () => {
  it('are those headers alone in which a key may stand', () => {
    const head = headOf([
      ['authorization', 'Bearer a'],
      ['cookie', 'c'],
      ['x-api-key', 'b'],
    ]);
    expect(credentialsOf(head)).toEqual([
      ['authorization', 'Bearer a'],
      ['x-api-key', 'b'],
    ]);
  });

  it('stand beside what a head shows itself, and never in its place', () => {
    const head = headOf([
      ['authorization', 'Bearer own'],
      ['accept', '*/*'],
    ]);
    const headers = withCredentials(head, [
      ['authorization', 'Bearer sealed'],
      ['x-api-key', 'b'],
    ]);
    expect(headers.get('authorization')).toBe('Bearer own');
    expect(headers.get('x-api-key')).toBe('b');
    expect(headers.get('accept')).toBe('*/*');
    expect(head.headers.get('x-api-key')).toBeUndefined();
  });
});
