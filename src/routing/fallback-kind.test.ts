import { describe, expect, test } from 'vitest';
import { fakeProvider } from '../../tests/kit/fake-call.ts';
import { FALLBACK_KINDS, type FallbackKind } from '../contracts/alias-config.ts';
import type { ErrorCode } from '../contracts/error-codes.ts';
import { GatewayError } from '../contracts/errors.ts';
import { dialectByName } from '../registry/dialects.ts';
import { fallbackKind, isFor, mayBeLarger } from './fallback-kind.ts';
import { planOf, tiersInOrder } from './plan-tiers.ts';

test.each<[ErrorCode, FallbackKind]>([
  ['GW_UPSTREAM_CONTEXT', 'context_window'],
  ['GW_UPSTREAM_CONTENT_POLICY', 'content_policy'],
  ['GW_UPSTREAM_RATE_LIMIT', 'rate_limit'],
  ['GW_UPSTREAM_QUOTA', 'rate_limit'],
  ['GW_LIMIT_EXCEEDED', 'rate_limit'],
  ['GW_LANE_NO_KEY', 'rate_limit'],
  ['GW_UPSTREAM_TIMEOUT_HEADERS', 'timeout'],
  ['GW_UPSTREAM_TIMEOUT_RATE', 'timeout'],
  ['GW_LANE_QUEUE_TIMEOUT', 'timeout'],
  ['GW_UPSTREAM_ERROR', 'error'],
  ['GW_UPSTREAM_RESET', 'error'],
  ['GW_LANE_FULL', 'error'],
])('%s is a failure of the kind %s', (code, kind) => {
  expect(fallbackKind(new GatewayError(code))).toBe(kind);
});

const [one, two] = ['a', 'b'].map((name) => fakeProvider(name, dialectByName('openai-chat')).target);

describe('a target of a plan', () => {
  const kindsOf = (on?: FallbackKind[]) => {
    const plan = planOf('p', tiersInOrder([one!, two!]), on && { kinds: new Map([[two!, new Set(on)]]) });
    return [null, ...FALLBACK_KINDS].filter((kind) => isFor(plan, two!, kind));
  };

  test('is for every failure but refused content, and may be the first', () => {
    expect(kindsOf()).toEqual([null, 'error', 'rate_limit', 'context_window', 'timeout']);
  });

  test.each<[FallbackKind[], FallbackKind[]]>([
    [['error'], ['error', 'rate_limit', 'timeout']],
    [['context_window'], ['context_window']],
    [
      ['content_policy', 'timeout'],
      ['content_policy', 'timeout'],
    ],
  ])('that is for %s follows %s alone', (on, kinds) => {
    expect(kindsOf(on)).toEqual(kinds);
  });
});

test('another model may be larger unless both are known and it is not', () => {
  const sized = (contextTokens: number | null) => {
    const { encode } = one!;
    return { ...one!, encode: { ...encode, capabilities: { ...encode.capabilities, contextTokens } } };
  };
  expect(mayBeLarger(sized(null), sized(8))).toBe(true);
  expect(mayBeLarger(sized(8), sized(null))).toBe(true);
  expect(mayBeLarger(sized(9), sized(8))).toBe(true);
  expect(mayBeLarger(sized(8), sized(8))).toBe(false);
});
