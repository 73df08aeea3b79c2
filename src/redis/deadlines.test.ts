import { expect, it } from 'vitest';
import { redisDeadlines } from './deadlines.ts';

it('the default is 50 ms for a call, and a second for what is silent', () => {
  expect(redisDeadlines()).toEqual({
    askMs: 50,
    lookMs: 40,
    lateMs: 200,
    backgroundMs: 500,
    silentMs: 1_000,
    connectMs: 500,
    leaveMs: 200,
    maxInFlight: 1_000,
  });
});

it('farther away everything takes longer, nearer nothing gets tighter but the call', () => {
  const far = redisDeadlines(600);
  expect(far).toEqual({
    askMs: 600,
    lookMs: 590,
    lateMs: 2_400,
    backgroundMs: 2_400,
    silentMs: 2_400,
    connectMs: 3_000,
    leaveMs: 1_200,
    maxInFlight: 12_000,
  });
  expect(redisDeadlines(10)).toEqual({ ...redisDeadlines(), askMs: 10, lookMs: 8 });
  expect(redisDeadlines(60_000).maxInFlight).toBe(20_000);
});
