import { describe, expect, test } from 'vitest';
import { told } from '../../tests/kit/told.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { GatewayError, UpstreamFault } from '../contracts/errors.ts';
import { anthropic as anthropicMessages } from './anthropic/dialect.ts';
import { contextOverflow } from './context-overflow.ts';
import { faultError } from './fault-error.ts';
import { openaiChat as openai } from './openai-chat/dialect.ts';

const anthropic: Dialect = anthropicMessages;
const openaiChat: Dialect = openai;

const fault = (message: string, more: Partial<UpstreamFault> = {}): UpstreamFault => ({
  dialect: 'openai-chat',
  status: 400,
  body: null,
  type: null,
  code: null,
  param: null,
  message,
  headers: {},
  ...more,
});

const found = (message: string): (number | null)[] => {
  const overflow = contextOverflow(fault(message));
  if (overflow === null) throw new Error(`not recognised: ${message}`);
  return [overflow.prompt, overflow.answer, overflow.max];
};

describe('a prompt that is too long for its model is recognised', () => {
  test.each<[string, number | null, number | null, number | null]>([
    ['prompt is too long: 210000 tokens > 200000 maximum', 210_000, null, 200_000],
    [
      'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length',
      188_240,
      21_333,
      200_000,
    ],
    [
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 140000 tokens. Please reduce the length of the messages.",
      140_000,
      null,
      128_000,
    ],
    [
      "This model's maximum context length is 4097 tokens. However, you requested 5097 tokens (1000 in the messages, 97 in the functions, and 4000 in the completion).",
      1_097,
      4_000,
      4_097,
    ],
    [
      "This endpoint's maximum context length is 128000 tokens. However, you requested about 140010 tokens (136000 of text input, 4010 in the output). Please reduce the length of either one",
      136_000,
      4_010,
      128_000,
    ],
    [
      "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5000 tokens: 4000 tokens from the input messages and 1000 tokens for the completion.",
      4_000,
      1_000,
      4_096,
    ],
    [
      "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens. Please reduce the length of the input messages.",
      5_000,
      null,
      4_096,
    ],
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 100 input tokens (5000 > 4096 - 100).",
      100,
      5_000,
      4_096,
    ],
    ['The decoder prompt (length 5000) is longer than the maximum model length of 4096.', 5_000, null, 4_096],
    ["Input length (5000) exceeds model's maximum context length (4096).", 5_000, null, 4_096],
    ["The input (5000 tokens) is longer than the model's context length (4096 tokens).", 5_000, null, 4_096],
    ['request (24053 tokens) exceeds the available context size (8192 tokens)', 24_053, null, 8_192],
    [
      'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens',
      5_000,
      null,
      4_096,
    ],
    [
      "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
      140_000,
      null,
      131_072,
    ],
    [
      'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      40_000,
      null,
      32_768,
    ],
    [
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      1_200_000,
      null,
      1_048_576,
    ],
    ['The input token count exceeds the maximum number of tokens allowed 1048576.', null, null, 1_048_576],
    ['Requested tokens (5000) exceed context window of 4096', 5_000, null, 4_096],
    ['Request body too large for gpt-4o-mini model. Max size: 8000 tokens.', null, null, 8_000],
    [
      'The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (7968).',
      9_000,
      null,
      7_968,
    ],
    [
      'the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model',
      5_000,
      null,
      4_096,
    ],
    ['Input validation error: `inputs` must have less than 4096 tokens. Given: 5000', 5_000, null, 4_096],
    ['prompt token count of 140000 exceeds the limit of 128000', 140_000, null, 128_000],
    [
      'Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192',
      9_000,
      null,
      8_192,
    ],
    [
      'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 100 `max_new_tokens`',
      9_000,
      100,
      8_193,
    ],
    [
      'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.',
      5_000,
      null,
      4_081,
    ],
    [
      'Invalid request: Your request exceeded model token limit: 131072 (requested: 140000)',
      140_000,
      null,
      131_072,
    ],
    ['The prompt is too long: 140,000, model maximum context length: 131,071', 140_000, null, 131_071],
    ['Range of input length should be [1, 129024]', null, null, 129_024],
    ['Input is too long for requested model.', null, null, null],
    ['the input length exceeds the context length', null, null, null],
    ['prompt too long; exceeded max context length by 4 tokens', null, null, null],
    ['Please reduce the length of the messages or completion.', null, null, null],
    ['invalid params, context window exceeds limit (2013)', null, null, null],
    ['Your input exceeds the context window of this model. Please adjust your input.', null, null, null],
    ['too many tokens: size limit exceeded by 8466 tokens.', null, null, null],
  ])('%s', (message, prompt, answer, max) => {
    expect(found(message)).toEqual([prompt, answer, max]);
  });

  test('by its code or type, however it is worded', () => {
    expect(contextOverflow(fault('no', { code: 'context_length_exceeded' }))).not.toBeNull();
    expect(contextOverflow(fault('no', { type: 'exceed_context_size_error' }))).not.toBeNull();
  });

  test.each([
    ['Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000.', 429],
    ["This model's maximum context length is 4096 tokens.", 429],
    ['max_tokens is too large: 100000. This model supports at most 16384 completion tokens.', 400],
    ['The request body is too large.', 413],
    ['messages: text content blocks must be non-empty', 400],
    ['tool name is too long', 400],
  ])('and %j with %i is something else', (message, status) => {
    expect(contextOverflow(fault(message, { status }))).toBeNull();
  });

  test('and is not tried at the same model again, whatever its status', () => {
    const error = faultError(fault('the input length exceeds the context length', { status: 500 }));
    expect([error.code, error.retry]).toEqual(['GW_UPSTREAM_CONTEXT', 'next']);
  });
});

describe('each dialect says it in its own words', () => {
  const asOpenai = (error: GatewayError) => {
    const { status, body } = openaiChat.errors.encode(error, 'req_1');
    return { status, error: JSON.parse(body).error };
  };
  const asAnthropic = (error: GatewayError) => {
    const { status, body } = anthropic.errors.encode(error, 'req_1');
    return { status, ...JSON.parse(body) };
  };
  const chat = (status: number, body: object) =>
    faultError(openaiChat.errors.decode(status, {}, Buffer.from(JSON.stringify(body))));
  const messages = (status: number, body: object) =>
    faultError(anthropic.errors.decode(status, {}, Buffer.from(JSON.stringify(body))));
  const refusal = (message: string) => ({ type: 'error', error: { type: 'invalid_request_error', message } });

  test('Anthropic to OpenAI: wording, type, param and code', () => {
    expect(asOpenai(messages(400, refusal('prompt is too long: 210000 tokens > 200000 maximum')))).toEqual({
      status: 400,
      error: {
        message:
          "This model's maximum context length is 200000 tokens. However, your messages resulted in 210000 tokens. Please reduce the length of the messages.",
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    });
  });

  test('OpenAI to Anthropic: the sentence Claude Code compacts at', () => {
    const error = chat(400, {
      error: {
        message:
          "This model's maximum context length is 128000 tokens. However, your messages resulted in 140000 tokens.",
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    });
    expect(asAnthropic(error)).toEqual({
      status: 400,
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'prompt is too long: 140000 tokens > 128000 maximum',
        details: { error_code: 'context_length_exceeded' },
      },
      request_id: 'req_1',
    });
  });

  test('a prompt that fits but for the answer is told as the sum, both ways', () => {
    const sum =
      'input length and `max_tokens` exceed context limit: 1097 + 4000 > 4097, decrease input length or `max_tokens` and try again';
    const parts =
      "This model's maximum context length is 4097 tokens. However, you requested 5097 tokens (1097 in the messages, 4000 in the completion). Please reduce the length of the messages or completion.";
    expect(asAnthropic(chat(400, { error: { message: parts } })).error.message).toBe(sum);
    expect(asOpenai(messages(400, refusal(sum))).error.message).toBe(parts);
  });

  test('without numbers the words come first and the message of the vendor behind them', () => {
    const error = chat(500, { error: { message: 'the input length exceeds the context length' } });
    expect(asAnthropic(error)).toMatchObject({
      status: 400,
      error: { message: 'prompt is too long: the input length exceeds the context length' },
    });
    const other = messages(400, refusal('Input is too long for requested model.'));
    expect(asOpenai(other).error).toMatchObject({
      code: 'context_length_exceeded',
      message:
        'Your input exceeds the context window of this model. The provider says: Input is too long for requested model.',
    });
  });

  test('a server that speaks Messages in words of its own is reworded; the rest of its error stays', () => {
    const text = 'request (24053 tokens) exceeds the available context size (8192 tokens)';
    const shaped = messages(400, { ...refusal(text), request_id: 'theirs' });
    expect(asAnthropic(shaped)).toMatchObject({
      status: 400,
      error: { type: 'invalid_request_error', message: 'prompt is too long: 24053 tokens > 8192 maximum' },
      request_id: 'theirs',
    });
    const bare = messages(400, { error: { code: 400, message: text, type: 'exceed_context_size_error' } });
    expect(asAnthropic(bare).error).toEqual({
      type: 'invalid_request_error',
      message: 'prompt is too long: 24053 tokens > 8192 maximum',
      details: { error_code: 'GW_UPSTREAM_CONTEXT' },
    });
  });

  test("a vendor's own words go to a client of the same dialect byte for byte", () => {
    const own = refusal('prompt is too long: 210000 tokens > 200000 maximum');
    expect(anthropic.errors.encode(messages(400, own), 'r').body).toBe(JSON.stringify(own));
    const theirs = { error: { code: 400, message: "This model's maximum context length is 8192 tokens." } };
    expect(openaiChat.errors.encode(chat(400, theirs), 'r').body).toBe(JSON.stringify(theirs));
  });

  test('inside a stream too', () => {
    const error = chat(400, { error: { message: 'x', code: 'context_length_exceeded' } });
    expect(told((out) => anthropic.errors.encodeStream(error, 'r', out))).toContain('prompt is too long: x');
    expect(
      told((out) => openaiChat.errors.encodeStream(messages(400, refusal('prompt is too long')), 'r', out)),
    ).toContain('"code":"context_length_exceeded"');
  });
});

test('a number is never shown as the code of an error', () => {
  for (const code of [400, '400', '1261']) {
    const body = Buffer.from(JSON.stringify({ error: { code, message: 'no', type: 'bad' } }));
    const shown = anthropic.errors.encode(faultError(openaiChat.errors.decode(400, {}, body)), 'r').body;
    expect(JSON.parse(shown).error.details).toEqual({ error_code: 'GW_UPSTREAM_REJECTED' });
    const local = Buffer.from(JSON.stringify({ error: { code: String(code), message: 'no', type: 'bad' } }));
    const back = openaiChat.errors.encode(faultError(anthropic.errors.decode(400, {}, local)), 'r').body;
    expect(JSON.parse(back).error.code).toBeNull();
  }
});
