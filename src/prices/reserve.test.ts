// What is set aside for a call covers what it is charged, whatever its answer is made of.
import { expect, it } from 'vitest';
import type { Usage } from '../contracts/chat.ts';
import { attempt, settledCall } from '../observability/settled-call.fixture.ts';
import { chargeAttempt } from './attempt-charge.ts';
import { priceOf } from './fields.ts';
import { mostOf, ReservePrices } from './reserve.ts';

const price = priceOf(
  {
    input_cost_per_token: 3e-7,
    output_cost_per_token: 2.5e-6,
    output_cost_per_image_token: 3e-5,
    output_cost_per_audio_token: 2e-5,
    output_cost_per_reasoning_token: 4e-6,
  },
  'configuration',
);

it.each([
  ['text', {}],
  ['pictures', { imageOutput: 1_290 }],
  ['sound', { audioOutput: 1_290 }],
  ['thoughts', { reasoning: 1_290 }],
  ['some of each', { imageOutput: 500, audioOutput: 300, reasoning: 100 }],
])('an answer of %s', (_what, parts: Partial<Usage>) => {
  const usage = { input: 100, output: 1_290, cacheRead: null, cacheWriteShort: null, cacheWriteLong: null };
  const record = attempt({ usage: { ...usage, reasoning: null, ...parts } });
  chargeAttempt(record, price, settledCall({ attempts: [record] }), 0);
  const rates = new ReservePrices().of(price, 100);
  const most = mostOf(rates, 100, 1_290, 0, parts.audioOutput === undefined ? rates.output : rates.spoken);
  expect(record.costNano).toBeGreaterThan(0);
  expect(most).toBeGreaterThanOrEqual(record.costNano!);
});
