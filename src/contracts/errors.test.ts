import { expect, test } from 'vitest';
import { GatewayError } from './errors.ts';

const FRAME = /\n\s+at /;

test('where a refusal was thought of is not looked for; where a fault was, is', () => {
  expect(new GatewayError('GW_CLIENT_GONE').stack).not.toMatch(FRAME);
  expect(new GatewayError('GW_GATEWAY_INTERNAL').stack).toMatch(FRAME);
});

test('what is thrown behind a refusal says where, also where the refusal itself could not be made', () => {
  const before = Error.stackTraceLimit;
  const odd = {
    toString() {
      throw new RangeError('no room');
    },
  };
  expect(() => new GatewayError('GW_CLIENT_GONE', { message: odd as unknown as string })).toThrow(RangeError);
  expect(new GatewayError('GW_CLIENT_GONE').stack).not.toMatch(FRAME);
  expect(Error.stackTraceLimit).toBe(before);
  expect(new Error('plain').stack).toMatch(FRAME);
});
