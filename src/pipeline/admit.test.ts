import { describe, expect, test } from 'vitest';
import { fakeCall, unlimited } from '../../tests/kit/fake-call.ts';
import type { Admission, Admitted } from '../contracts/admission.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { createAdmit } from './admit.ts';

const over = new GatewayError('GW_LIMIT_EXCEEDED');

function admit(answer: Admitted) {
  const { call } = fakeCall('openai-chat', { model: 'm' }, []);
  const asked: Call[] = [];
  const admission: Admission = {
    ...unlimited,
    admit(one) {
      asked.push(one);
      return answer;
    },
  };
  const result = createAdmit(admission)(call);
  expect(asked).toEqual([call]);
  return result;
}

describe('a call whose limits are counted here', () => {
  test('goes on at once where there is room', () => {
    expect(admit(null)).toBe('continue');
  });

  test('is refused at once, with the error of its limit', () => {
    expect(admit(over)).toBe(over);
  });
});

describe('a call whose limits are counted elsewhere', () => {
  test('waits for the answer, and goes on', async () => {
    const result = admit(Promise.resolve(null));
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe('continue');
  });

  test('waits for the answer, and is refused with it', async () => {
    expect(await admit(Promise.resolve(over))).toBe(over);
  });

  test('hears that nobody could be asked', async () => {
    await expect(admit(Promise.reject(over))).rejects.toBe(over);
  });
});
