import { expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';

it('lets a few failures pass, then doubles the wait, and forgets it all after a success', () => {
  let now = 0;
  const throttle = createThrottle(() => now);
  for (let failure = 0; failure < 2; failure++) throttle.failed('ada', 3);
  expect(throttle.waitMs('ada')).toBe(0);
  throttle.failed('ada', 3);
  expect(throttle.waitMs('ada')).toBe(1_000);
  now = 1_000;
  expect(throttle.waitMs('ada')).toBe(0);
  throttle.failed('ada', 3);
  expect(throttle.waitMs('ada')).toBe(2_000);
  expect(throttle.waitMs('bob')).toBe(0);
  throttle.succeeded('ada');
  expect(throttle.waitMs('ada')).toBe(0);
});
