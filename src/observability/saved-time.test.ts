import { expect, it } from 'vitest';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { keptOf, settledCall } from './settled-call.fixture.ts';
import { savedMs } from './saved-time.ts';

it('is what making the answer took less what giving it took, never less than nothing', () => {
  const saved = (changes: Partial<Call>): number | null => savedMs(settledCall(changes));
  // The call took from 1000 to 2000.
  expect(saved({ cache: keptOf({ madeMs: 8_250 }) })).toBe(7_250);
  expect(saved({ cache: keptOf({ madeMs: 8_250 }), lastByteAt: 0, settledAt: 1_000.6 })).toBe(8_249);
  expect(saved({ cache: keptOf({ madeMs: 400 }) })).toBe(0);
});

it('is none where nothing was given, or it was not given whole', () => {
  expect(savedMs(settledCall())).toBeNull();
  expect(savedMs(settledCall({ cache: keptOf({ result: 'miss', madeMs: null }) }))).toBeNull();
  const error = new GatewayError('GW_CLIENT_GONE');
  expect(savedMs(settledCall({ cache: keptOf({ madeMs: 8_250 }), error }))).toBeNull();
});
