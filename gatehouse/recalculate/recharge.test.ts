// A charge at the price it was made by comes to what it came to: through the spool's record and the ledger's row, whatever was used.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Usage } from '../../src/contracts/chat.ts';
import type { Quantities } from '../../src/contracts/quantities.ts';
import { attempt, settledCall } from '../../src/observability/settled-call.fixture.ts';
import { recordOf } from '../../src/observability/requests/record.fixture.ts';
import { SegmentTable } from '../../src/observability/requests/record.ts';
import { rowsOf } from '../../src/observability/requests/rows.ts';
import { chargeAttempt } from '../../src/prices/attempt-charge.ts';
import { priceOf } from '../../src/prices/fields.ts';
import { operations } from '../../src/registry/operations.ts';
import { rechargeOf } from './recharge.ts';

const price = priceOf(
  {
    input_cost_per_token: 2e-6,
    input_cost_per_token_above_200k_tokens: 4e-6,
    output_cost_per_token: 8e-6,
    output_cost_per_token_flex: 4e-6,
    input_cost_per_token_batches: 1e-6,
    output_cost_per_reasoning_token: 9e-6,
    cache_read_input_token_cost: 2e-7,
    cache_creation_input_token_cost: 3e-6,
    cache_creation_input_token_cost_above_1hr: 5e-6,
    input_cost_per_audio_token: 1e-5,
    output_cost_per_audio_token: 2e-5,
    input_cost_per_character: 1e-6,
    output_cost_per_image: 0.04,
    input_cost_per_second: 1e-4,
    input_cost_per_query: 2e-3,
    input_cost_per_image_token: 1.1e-5,
    output_cost_per_image_token: 3e-5,
    search_context_cost_per_query: { search_context_size_medium: 0.008, search_context_size_high: 0.012 },
    ocr_cost_per_page: 1e-3,
    factors: { us: 1.1 },
  },
  'configuration',
);

const tokens = fc.option(fc.nat({ max: 400_000 }), { nil: null });
const usages = fc.record(
  {
    input: tokens,
    output: tokens,
    cacheRead: tokens,
    cacheWriteShort: tokens,
    cacheWriteLong: tokens,
    reasoning: tokens,
    audioInput: tokens,
    audioOutput: tokens,
    imageInput: fc.nat({ max: 400_000 }),
    imageOutput: fc.nat({ max: 400_000 }),
    videoInput: fc.nat({ max: 400_000 }),
    webSearches: fc.nat({ max: 50 }),
    searchSize: fc.constantFrom('low', 'medium', 'high'),
    tier: fc.constantFrom('batch', 'flex', 'priority'),
    factors: fc.constantFrom(['us'], []),
  },
  { requiredKeys: ['input', 'output', 'cacheRead', 'cacheWriteShort', 'cacheWriteLong', 'reasoning'] },
) as fc.Arbitrary<Usage>;
const names = [
  ...([
    'chat',
    'embeddings',
    'rerank',
    'image',
    'image-form',
    'speech',
    'transcription',
    'moderation',
  ] as const),
  ...(['ocr'] as const),
];

describe('a charge priced anew', () => {
  it('at the same price comes to the same, told or not, whole or cut', () => {
    fc.assert(
      fc.property(
        fc.record({
          usage: fc.option(usages, { nil: null }),
          quantities: fc.option(
            fc.record(
              {
                images: tokens,
                characters: tokens,
                seconds: tokens,
                searches: tokens,
                pages: fc.nat({ max: 2_000 }),
              },
              { requiredKeys: ['images', 'characters', 'seconds', 'searches'] },
            ),
            { nil: null },
          ),
          contentEvents: fc.nat({ max: 500 }),
          errorType: fc.constantFrom('', 'provider_unavailable', 'caller_cancelled'),
          status: fc.constantFrom(0, 200),
        }),
        fc.constantFrom(...names),
        fc.nat({ max: 100_000 }),
        fc.nat({ max: 100_000 }),
        fc.boolean(),
        fc.option(fc.nat({ max: 5_000 }), { nil: null }),
        (used, name, promptBytes, answerBytes, priced, characters) => {
          const record = attempt({ ...used, quantities: used.quantities as Quantities | null });
          const call = settledCall({ operation: operations[name], attempts: [record] });
          call.facts = { ...call.facts!, promptBytes, model: 'm' };
          if (name === 'speech' && characters !== null) call.facts.characters = characters;
          chargeAttempt(record, priced ? price : null, call, answerBytes);
          const first = record.costNano;
          const table = new SegmentTable();
          const packed = recordOf(call, 1_764_000_000_000, table);
          const head = { node: 'n', worker: 0, texts: table.texts, callers: table.callers };
          const row = rowsOf(packed, head)[0]!;
          const again = rechargeOf(row, price);
          chargeAttempt(record, price, call, answerBytes);
          expect(again?.costNano ?? null).toBe(record.costNano);
          if (priced) expect(first).toBe(record.costNano);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('at no price, of an operation that nobody knows any more, or of a film, is not to be told', () => {
    const use = { ...rowsOf(recordOf(settledCall(), 1, new SegmentTable()), EMPTY)[0]!, operation: 'chat' };
    expect(rechargeOf({ ...use, inputTokens: 1, outputTokens: 1 }, null)).toBeNull();
    expect(rechargeOf({ ...use, inputTokens: 1, outputTokens: 1, operation: 'toString' }, price)).toBeNull();
    const film = priceOf({ output_cost_per_video_per_second: 0.3 }, 'configuration');
    expect(rechargeOf({ ...use, seconds: 8, operation: 'video' }, film)).toBeNull();
  });

  it('of a document whose pages an earlier release did not keep stays as it is', () => {
    const row = rowsOf(recordOf(settledCall(), 1, new SegmentTable()), EMPTY)[0]!;
    const old = { ...row, operation: 'ocr', inputTokens: null, outputTokens: null, costNano: 100_000_000 };
    expect(rechargeOf({ ...old, estimated: false }, price)).toBeNull();
    // Nobody told them: it was charged as one.
    expect(rechargeOf({ ...old, estimated: true }, price)?.costNano).toBe(1_000_000);
    expect(rechargeOf({ ...old, costNano: null, estimated: false }, price)?.costNano).toBe(1_000_000);
    expect(rechargeOf({ ...old, pages: 7, estimated: false }, price)?.costNano).toBe(7_000_000);
  });
});

it('a row of the log has whole counts that a database keeps, whatever a vendor told', () => {
  const usage = {
    ...{ input: 1.5, output: 1e300, cacheRead: -3, cacheWriteShort: null, cacheWriteLong: null },
    ...{ reasoning: Number.POSITIVE_INFINITY, videoInput: 0.2, requests: 1e30 },
  };
  const call = settledCall({ attempts: [attempt({ usage, costNano: 1e25 })] });
  expect(rowsOf(recordOf(call, 1, new SegmentTable()), EMPTY)[0]).toMatchObject({
    ...{ inputTokens: 2, outputTokens: 1e15, cacheReadTokens: 0, cacheWriteTokens: null },
    ...{ reasoningTokens: 1e15, videoInputTokens: 1, requests: 1e15, costNano: 1e15 },
  });
});

const EMPTY = { node: '', worker: 0, texts: [], callers: [] };
