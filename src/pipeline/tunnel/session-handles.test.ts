import { describe, expect, test } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { bidiHandles } from './bidi-handles.ts';
import { createSessionHandles, resumed } from './session-handles.ts';

// Of a call they read these alone.
const of = (id: string): Call => ({ principal: { id }, keptAt: null }) as unknown as Call;
const setup = (resumption: object, member = 'sessionResumption') =>
  JSON.stringify({ setup: { model: 'models/m', [member]: resumption } });
const DAY_MS = 24 * 3_600_000;

function handles({ alone = false, secret = 'one', now = { ms: 0 } } = {}) {
  return createSessionHandles(
    () => secret,
    () => now.ms,
    () => alone,
  );
}

describe('a handle of several callers', () => {
  test('is its own caller’s, at any process with the same secret, for a day', () => {
    const now = { ms: 0 };
    const given = handles({ now }).given(of('me'), 'ge', 'h-1');
    expect(given).not.toContain('h-1');
    const asked = (id: string, options = {}) => handles({ now, ...options }).known(of(id), given);
    expect(asked('me')).toEqual({ handle: 'h-1', provider: 'ge' });
    expect(asked('you')).toBeNull();
    expect(asked('me', { secret: 'another' })).toBeNull();
    now.ms = DAY_MS;
    expect(asked('me')).not.toBeNull();
    now.ms++;
    expect(asked('me')).toBeNull();
  });

  test('of the provider’s own stands for nothing, nor does one that was changed', () => {
    expect(handles().known(of('me'), 'h-1')).toBeNull();
    const given = handles().given(of('me'), 'ge', 'h-1');
    expect(handles().known(of('me'), `${given.slice(0, -2)}xx`)).toBeNull();
  });
});

test('with one caller handles stay the provider’s, and those that were given before hold', () => {
  const alone = handles({ alone: true });
  expect(alone.given(of('me'), 'ge', 'h-1')).toBe('h-1');
  expect(alone.known(of('me'), 'h-1')).toEqual({ handle: 'h-1', provider: null });
  const before = handles().given(of('earlier'), 'ge', 'h-2');
  expect(alone.known(of('me'), before)).toEqual({ handle: 'h-2', provider: 'ge' });
});

describe('a first message', () => {
  const given = handles().given(of('me'), 'ge', 'h-1');

  test.each(['sessionResumption', 'session_resumption'])(
    'goes on from what is its caller’s (%s)',
    (member) => {
      const call = of('me');
      const text = setup({ handle: given, transparent: true }, member);
      const said = resumed(call, bidiHandles, handles(), Buffer.from(text));
      expect(JSON.parse(String(said))).toEqual(
        JSON.parse(setup({ handle: 'h-1', transparent: true }, member)),
      );
      expect(Buffer.isBuffer(said)).toBe(true);
      expect(call.keptAt).toBe('ge');
    },
  );

  test.each([
    ['of somebody else', setup({ handle: handles().given(of('you'), 'ge', 'h-1') })],
    ['that nobody here told', setup({ handle: 'h-1' })],
    ['in letters that are numbers', setup({ handle: 'h-1' }).replace('handle', '\\u0068andle')],
    [
      'beside an own one',
      JSON.stringify({
        setup: { sessionResumption: { handle: given }, session_resumption: { handle: 'h' } },
      }),
    ],
  ])('does not go on from one %s', (_, text) => {
    const refused = resumed(of('me'), bidiHandles, handles(), text);
    expect(refused instanceof GatewayError && refused.code).toBe('GW_CLIENT_OBJECT_NOT_FOUND');
  });

  test.each([
    setup({}),
    setup({ handle: '' }),
    setup({ handle: null }),
    '{"setup":{"model":"m","sessionResumption":null}}',
    '{"setup":{"model":"m"}}',
    'no JSON',
  ])('that asks for none goes on as it came: %s', (text) => {
    const call = of('me');
    expect(resumed(call, bidiHandles, handles(), text)).toBe(text);
    expect(call.keptAt).toBeNull();
  });
});

describe('a message of the provider', () => {
  const written = (handle: string): string => `<${handle}>`;

  test('tells the caller’s handle in place of its own, as text or as bytes', () => {
    const update = (newHandle: string) => ({
      sessionResumptionUpdate: { newHandle, resumable: true, lastConsumedClientMessageIndex: '7' },
      usageMetadata: { totalTokenCount: 5 },
    });
    const text = JSON.stringify(update('h-1'));
    expect(JSON.parse(String(bidiHandles.telling(text, written)))).toEqual(update('<h-1>'));
    const bytes = bidiHandles.telling(Buffer.from(text), written);
    expect(Buffer.isBuffer(bytes) && JSON.parse(bytes.toString())).toEqual(update('<h-1>'));
  });

  test.each([
    '{"sessionResumptionUpdate":{"resumable":false}}',
    '{"sessionResumptionUpdate":{"newHandle":"","resumable":false}}',
    '{"serverContent":{"modelTurn":{"parts":[{"text":"\\"newHandle\\""}]}}}',
    '{"newHandle":"of nothing"}',
    '"newHandle" but no JSON',
  ])('without one goes on as it came: %s', (text) => {
    expect(bidiHandles.telling(text, written)).toBe(text);
  });
});
