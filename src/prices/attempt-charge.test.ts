import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord, Call } from '../contracts/call.ts';
import type { Usage } from '../contracts/chat.ts';
import type { OperationName } from '../contracts/operation.ts';
import { NO_QUANTITIES } from '../contracts/quantities.ts';
import { operations } from '../registry/operations.ts';
import { chargeAttempt, costOfCall } from './attempt-charge.ts';
import { priceOf } from './fields.ts';

const FIELDS = { input_cost_per_token: 2e-6, output_cost_per_token: 8e-6 };
const TOKENS = priceOf(FIELDS, 'configuration');
const SOME: Usage = {
  input: 100,
  output: 50,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  reasoning: null,
};

function record(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    provider: 'p',
    model: 'm',
    keyAlias: '',
    status: 200,
    errorType: '',
    usage: null,
    quantities: null,
    contentEvents: 0,
    costNano: null,
    priceVersion: '',
    estimated: false,
    answerBytes: 0,
    queuedAt: 0,
    slotAt: 0,
    connectMs: 0,
    sentAt: 1,
    headAt: 2,
    endAt: 3,
    ...changes,
  };
}

interface Of {
  price?: typeof TOKENS | null;
  operation?: OperationName;
  characters?: number;
  promptBytes?: number;
  answerBytes?: number;
  method?: string;
}

function charged(changes: Partial<AttemptRecord>, of: Of = {}): AttemptRecord {
  const { price = TOKENS, operation = 'chat', promptBytes = 350, answerBytes = 0, method = 'POST' } = of;
  const call = {
    operation: operations[operation],
    facts: { promptBytes, characters: of.characters },
    head: { method },
  } as unknown as Call; // nothing else is looked at
  const attempt = record(changes);
  chargeAttempt(attempt, price, call, answerBytes);
  return attempt;
}

describe('the charge of an attempt', () => {
  it('is what its answer said it used, at the price of its target', () => {
    expect(charged({ usage: SOME })).toMatchObject({
      costNano: 100 * 2_000 + 50 * 8_000,
      priceVersion: 'configuration',
      estimated: false,
    });
  });

  it('is null without a price: never 0', () => {
    expect(charged({ usage: SOME }, { price: null })).toMatchObject({ costNano: null, priceVersion: '' });
    const inputOnly = priceOf({ input_cost_per_token: 1e-6 }, 'configuration');
    expect(charged({ usage: SOME }, { price: inputOnly }).costNano).toBeNull();
  });

  it('is nothing where the provider saw nothing, or refused', () => {
    expect(charged({ sentAt: 0 }, { price: null }).costNano).toBe(0);
    expect(charged({ status: 429 }).costNano).toBe(0);
  });

  it('of one that broke off is the prompt and what was said', () => {
    const broken = charged({ errorType: 'upstream_reset', contentEvents: 7 });
    expect(broken).toMatchObject({ costNano: 100 * 2_000 + 7 * 8_000, estimated: true });
    // Vendors tell the prompt first, and a first count of the answer with it.
    const begun = charged({
      errorType: 'caller_cancelled',
      contentEvents: 7,
      usage: { ...SOME, input: 90, output: 1 },
    });
    expect(begun).toMatchObject({ costNano: 90 * 2_000 + 7 * 8_000, estimated: true });
  });

  it('of an answer that does not tell is estimated from its length', () => {
    expect(charged({}, { answerBytes: 35 })).toMatchObject({
      costNano: 100 * 2_000 + 10 * 8_000,
      estimated: true,
    });
  });

  it('holds for what is counted in other units', () => {
    const query = priceOf({ input_cost_per_query: 0.002 }, 'configuration');
    const searches = { ...NO_QUANTITIES, searches: 3 };
    expect(charged({ quantities: searches }, { price: query, operation: 'rerank' }).costNano).toBe(6_000_000);
    const images = { ...NO_QUANTITIES, images: 2 };
    const picture = priceOf({ output_cost_per_image: 0.04 }, 'configuration');
    expect(charged({ quantities: images }, { price: picture, operation: 'image' }).costNano).toBe(80_000_000);
    const seconds = { ...NO_QUANTITIES, seconds: 9.2 };
    const sound = priceOf({ input_cost_per_second: 0.0001 }, 'configuration');
    expect(charged({ quantities: seconds }, { price: sound, operation: 'transcription' }).costNano).toBe(
      1_000_000,
    );
    const letters = priceOf({ input_cost_per_character: 0.000015 }, 'configuration');
    expect(charged({}, { price: letters, operation: 'speech', promptBytes: 20 })).toMatchObject({
      costNano: 300_000,
      estimated: true,
    });
    // Its quotes and escapes are none of its characters.
    expect(
      charged({}, { price: letters, operation: 'speech', promptBytes: 20, characters: 5 }),
    ).toMatchObject({ costNano: 75_000, estimated: false });
  });

  it('is not nothing where no tokens are told of what is paid for by the second', () => {
    const sound = priceOf({ input_cost_per_second: 0.0001 }, 'configuration');
    const none = { ...SOME, input: 0, output: 0 };
    const heard = { usage: none, quantities: { ...NO_QUANTITIES, seconds: 10 } };
    expect(charged(heard, { price: sound, operation: 'transcription' }).costNano).toBe(1_000_000);
    // Nor is it where nobody says how long it was.
    expect(charged({ usage: none }, { price: sound, operation: 'transcription' }).costNano).toBeNull();
    expect(charged({ usage: none })).toMatchObject({ costNano: 0, priceVersion: 'configuration' });
  });

  it('of a job of many is of all its tokens; of one call there are never so many', () => {
    const usage = { ...SOME, input: 4e9, output: 0 };
    expect(charged({ usage: { ...usage, requests: 50_000 } }).costNano).toBe(4e9 * 2_000);
    expect(charged({ usage }).costNano).toBe(1e9 * 2_000);
    expect(charged({ usage: { ...usage, input: 1e300, requests: 2 } }).costNano).toBe(1e10 * 2_000);
  });

  it('holds for pages that were read, and for texts that were sorted', () => {
    const page = priceOf({ ocr_cost_per_page: 0.002 }, 'configuration');
    const pages = { ...NO_QUANTITIES, pages: 7 };
    expect(charged({ quantities: pages }, { price: page, operation: 'ocr' })).toMatchObject({
      costNano: 14_000_000,
      estimated: false,
    });
    // Whose answer does not say how many read one at least.
    expect(charged({}, { price: page, operation: 'ocr' })).toMatchObject({
      costNano: 2_000_000,
      estimated: true,
    });
    const both = priceOf({ ocr_cost_per_page: 0.002, input_cost_per_token: 1e-6 }, 'configuration');
    expect(
      charged({ quantities: pages, usage: { ...SOME, output: 0 } }, { price: both, operation: 'ocr' })
        .costNano,
    ).toBe(14_000_000 + 100_000);
    // A model that is priced by tokens alone.
    expect(charged({ usage: SOME }, { operation: 'ocr' })).toMatchObject({
      costNano: 600_000,
      estimated: false,
    });
    const sorted = { ...NO_QUANTITIES, searches: 20 };
    const query = priceOf({ input_cost_per_query: 0.00005 }, 'configuration');
    expect(charged({ quantities: sorted }, { price: query, operation: 'classify' }).costNano).toBe(1_000_000);
  });

  it('is not known where neither the answer nor the request tells what was used', () => {
    expect(charged({}, { operation: 'image' }).costNano).toBeNull();
    expect(charged({}, { operation: 'passthrough' }).costNano).toBeNull();
  });

  it('is nothing for what no vendor bills', () => {
    expect(charged({}, { operation: 'file', price: null }).costNano).toBe(0);
    expect(charged({}, { operation: 'passthrough', price: null, method: 'GET' }).costNano).toBe(0);
  });

  it('never falls by numbers that make no sense', () => {
    const odd: Usage = { ...SOME, input: -5, output: Number.NaN, cacheRead: 1e300, reasoning: -1 };
    expect(charged({ usage: odd }).costNano).toBe(0);
    const parts: Usage = { ...SOME, input: 10, cacheRead: 60, cacheWriteShort: 60, output: 1, reasoning: 9 };
    expect(charged({ usage: parts }).costNano).toBe(10 * 2_000 + 8_000);
  });
});

it('a call costs what its attempts did, and is not known where one of them is not', () => {
  expect(costOfCall([record({ costNano: 5 }), record({ costNano: 7 })])).toBe(12);
  expect(costOfCall([record({ costNano: 5 }), record({ costNano: null })])).toBeNull();
  expect(costOfCall([])).toBe(0);
});

describe('how an answer was served', () => {
  const served = priceOf(
    {
      input_cost_per_token: 2e-6,
      output_cost_per_token: 8e-6,
      input_cost_per_token_flex: 1e-6,
      output_cost_per_token_flex: 4e-6,
      input_cost_per_token_batches: 1e-6,
      output_cost_per_token_batches: 4e-6,
      factors: { us: 1.1 },
    },
    'configuration',
  );
  const cost = (usage: Usage) => {
    const one = record({ usage });
    const call = { operation: operations.chat, facts: null, head: { method: 'POST' } } as unknown as Call;
    chargeAttempt(one, served, call, 0);
    return [one.costNano, one.estimated];
  };
  it('costs nothing itself where it begins what is charged when that is over', () => {
    const one = record({ usage: null });
    const begun = { operation: operations.passthrough, facts: null, head: { method: 'POST' } };
    chargeAttempt(one, null, begun, 0);
    expect(one.costNano).toBeNull();
    chargeAttempt(one, null, { ...begun, chargedLater: true }, 0);
    expect(one.costNano).toBe(0);
  });

  it('is priced by it: tiers, regions, and at least the usual where the tier has no price', () => {
    expect(cost(SOME)).toEqual([600_000, false]);
    expect(cost({ ...SOME, tier: 'flex' })).toEqual([300_000, false]);
    expect(cost({ ...SOME, tier: 'batch' })).toEqual([300_000, false]);
    expect(cost({ ...SOME, tier: 'priority' })).toEqual([600_000, true]);
    expect(cost({ ...SOME, factors: ['us'] })).toEqual([660_000, false]);
    expect(cost({ ...SOME, factors: ['global'] })).toEqual([600_000, false]);
  });
});

describe('what is not told in tokens of text', () => {
  const cost = (usage: Usage | null, fields: Parameters<typeof priceOf>[0], of: Of = {}, more: object = {}) =>
    charged({ usage, ...more }, { ...of, price: priceOf(fields, 'configuration') }).costNano;
  const tokens = { input_cost_per_token: 2e-6, output_cost_per_token: 8e-6 };
  const pictures = { ...tokens, input_cost_per_image_token: 1e-5, output_cost_per_image_token: 4e-5 };

  it('pictures have prices of their own, in and out', () => {
    const seen = { ...SOME, imageInput: 40, imageOutput: 30 };
    const expected = 60 * 2_000 + 40 * 10_000 + 20 * 8_000 + 30 * 40_000;
    for (const operation of ['chat', 'image', 'image-form'] as const)
      expect(cost(seen, pictures, { operation })).toBe(expected);
    // Without such prices they are tokens as others are.
    expect(cost(seen, tokens)).toBe(100 * 2_000 + 50 * 8_000);
    // More parts than there are of the whole.
    expect(cost({ ...SOME, reasoning: 40, audioOutput: 5, imageOutput: 90 }, pictures)).toBe(
      100 * 2_000 + 45 * 8_000 + 5 * 40_000,
    );
  });

  it('frames of films likewise, beside pictures and sound', () => {
    const films = { ...pictures, input_cost_per_video_token: 3e-5, input_cost_per_audio_token: 5e-6 };
    const seen = { ...SOME, imageInput: 40, videoInput: 25, audioInput: 15 };
    const expected = 20 * 2_000 + 40 * 10_000 + 25 * 30_000 + 15 * 5_000 + 50 * 8_000;
    for (const operation of ['chat', 'realtime'] as const)
      expect(cost(seen, films, { operation })).toBe(expected);
    expect(cost({ ...SOME, videoInput: 25 }, films)).toBe(75 * 2_000 + 25 * 30_000 + 50 * 8_000);
    expect(cost({ ...SOME, videoInput: 25 }, pictures)).toBe(100 * 2_000 + 50 * 8_000);
  });

  it('all that a maker of pictures says is one, unless it tells its words apart', () => {
    expect(cost(SOME, pictures, { operation: 'image' })).toBe(100 * 2_000 + 50 * 40_000);
    expect(cost(SOME, pictures, { operation: 'image-form' })).toBe(100 * 2_000 + 50 * 40_000);
    expect(cost(SOME, pictures)).toBe(100 * 2_000 + 50 * 8_000);
  });

  it('searches of the web are paid for beside tokens, by their size where that has a price', () => {
    const plain = 100 * 2_000 + 50 * 8_000;
    const searched = { ...SOME, webSearches: 3 };
    expect(cost(searched, tokens)).toBe(plain);
    expect(cost(searched, { ...tokens, search_context_cost_per_query: 0.01 })).toBe(plain + 30_000_000);
    const sized = {
      ...tokens,
      search_context_cost_per_query: {
        search_context_size_low: 0.005,
        search_context_size_medium: 0.008,
        search_context_size_high: 0.012,
      },
    };
    expect(cost(searched, sized)).toBe(plain + 24_000_000);
    expect(cost({ ...searched, searchSize: 'high' }, sized)).toBe(plain + 36_000_000);
    // A price by the request has them in it.
    expect(cost(searched, { ...sized, input_cost_per_request: 0.01 })).toBe(plain + 10_000_000);
  });

  it('sound that is paid for by the second is, also where tokens are told', () => {
    const quantities = { ...NO_QUANTITIES, seconds: 9.5 };
    const of = { operation: 'transcription' } as const;
    expect(cost(SOME, { input_cost_per_second: 1e-4 }, of, { quantities })).toBe(1_000_000);
    expect(cost(SOME, { ...tokens, input_cost_per_second: 1e-4 }, of, { quantities })).toBe(600_000);
    expect(cost(null, { ...tokens, input_cost_per_second: 1e-4 }, of, { quantities })).toBe(1_000_000);
  });

  it('what is paid for by the piece alone is, also where tokens are told', () => {
    const searches = { ...NO_QUANTITIES, searches: 3 };
    const ranked = { operation: 'rerank' } as const;
    expect(cost(SOME, { input_cost_per_query: 0.002 }, ranked, { quantities: searches })).toBe(6_000_000);
    // Nobody says of how many searches: one.
    expect(cost(SOME, { input_cost_per_query: 0.002 }, ranked)).toBe(2_000_000);
    const images = { ...NO_QUANTITIES, images: 2 };
    expect(cost(SOME, { output_cost_per_image: 0.04 }, { operation: 'image' }, { quantities: images })).toBe(
      80_000_000,
    );
    // Searches of the web come beside tokens: without a price of those nobody knows.
    const searched = { ...SOME, webSearches: 2 };
    expect(cost(searched, { search_context_cost_per_query: 0.01 })).toBeNull();
  });

  it('films are paid for by the second', () => {
    const quantities = { ...NO_QUANTITIES, seconds: 8, size: '1280x720' };
    const of = { operation: 'video' } as const;
    expect(cost(null, { output_cost_per_video_per_second: 0.1 }, of, { quantities })).toBe(800_000_000);
    expect(cost(null, { output_cost_per_video_per_second: 0.1 }, of)).toBeNull();
  });
});

it('M07: whatever a vendor says was used, spending never falls, and no charge is no number', () => {
  const odd = fc.oneof(
    fc.double(),
    fc.constantFrom(
      -1,
      -1e9,
      Number.POSITIVE_INFINITY,
      2 ** 53 + 1,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      0.4,
    ),
    fc.integer({ min: -1_000_000, max: 10_000_000 }),
  );
  const said = fc.option(odd, { nil: null });
  fc.assert(
    fc.property(
      fc.record({
        ...{ input: said, output: said, cacheRead: said, cacheWriteShort: said, cacheWriteLong: said },
        ...{ reasoning: said, audioInput: said, audioOutput: said },
        ...{ imageInput: odd, imageOutput: odd, webSearches: odd },
      }),
      (usage) => {
        const { costNano } = charged(
          { usage },
          { price: priceOf({ ...FIELDS, search_context_cost_per_query: 0.01 }, 'configuration') },
        );
        expect(costNano === null || (Number.isSafeInteger(costNano) && costNano >= 0)).toBe(true);
      },
    ),
  );
});
