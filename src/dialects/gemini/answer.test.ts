import { describe, expect, it } from 'vitest';
import { parseLossless } from '../../body/lossless.ts';
import type { ChatAnswer, Part } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { isMadeUp } from './call-ids.ts';

const CONTEXT = { requestId: 'req_1', model: 'asked', now: 1_760_000_000, includeUsage: true };
const usageMetadata = {
  promptTokenCount: 10,
  cachedContentTokenCount: 4,
  toolUsePromptTokenCount: 2,
  candidatesTokenCount: 5,
  thoughtsTokenCount: 7,
  totalTokenCount: 24,
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: 7 },
    { modality: 'AUDIO', tokenCount: 3 },
  ],
};
const answer = (parts: Json[], change: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP', index: 0 }],
  usageMetadata,
  modelVersion: 'gemini-x',
  responseId: 'r1',
  ...change,
});

function fault(body: JsonObject): string {
  try {
    readAnswer(body);
  } catch (error) {
    if (error instanceof GatewayError) return `${error.code} ${error.fault?.code ?? ''}`.trim();
    throw error;
  }
  return 'read';
}

describe('a whole answer, read', () => {
  it('tells usage, the end, model and id', () => {
    expect(readAnswer(answer([{ text: 'hi' }]))).toEqual({
      usage: {
        input: 12,
        cacheRead: 4,
        cacheWriteShort: null,
        cacheWriteLong: null,
        output: 12,
        reasoning: 7,
        audioInput: 3,
      },
      stop: 'end',
      model: 'gemini-x',
      id: 'r1',
    });
  });

  it.each([
    ['STOP', 'end'],
    ['FUNCTION_CALL', 'end'],
    ['MAX_TOKENS', 'max_tokens'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['CONTINUATION', 'pause'],
    ['SOMETHING_NEW', 'unknown:SOMETHING_NEW'],
  ])('that ended with %s ended with %s', (finishReason, stop) => {
    expect(readAnswer({ candidates: [{ content: {}, finishReason }] }).stop).toBe(stop);
  });

  it.each([
    'OTHER',
    'MALFORMED_FUNCTION_CALL',
    'MALFORMED_RESPONSE',
    'UNEXPECTED_TOOL_CALL',
    'TOO_MANY_TOOL_CALLS',
    'NO_IMAGE',
  ])('that ended with %s is the fault of its provider', (finishReason) => {
    expect(fault({ candidates: [{ content: {}, finishReason }] })).toBe(`GW_UPSTREAM_ERROR ${finishReason}`);
  });

  it('of a blocked prompt is a refusal', () => {
    const blocked: JsonObject = {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 },
    };
    expect(readAnswer(blocked)).toMatchObject({ stop: 'content_filter', usage: { input: 5, output: 0 } });
    expect(decodeAnswer(blocked)).toMatchObject({ parts: [], stop: 'content_filter' });
  });

  it.each<[JsonObject, string]>([
    [{}, 'GW_UPSTREAM_BAD_OUTPUT'],
    [{ candidates: [] }, 'GW_UPSTREAM_BAD_OUTPUT'],
    [{ candidates: [7] }, 'GW_UPSTREAM_BAD_OUTPUT'],
    [{ error: { code: 503, status: 'UNAVAILABLE', message: 'busy' } }, 'GW_UPSTREAM_OVERLOADED'],
  ])('that is %j is none', (body, code) => {
    expect(fault(body)).toBe(code);
  });
});

describe('a whole answer, decoded', () => {
  it('has thoughts, texts, calls and their signatures in order', () => {
    const text = `[{"text":"hm","thought":true},{"text":"so","thoughtSignature":"AA=="},
      {"functionCall":{"id":"c1","name":"f","args":{"x":1.0,"y":12345678901234567890}},"thoughtSignature":"AQ=="},
      {"functionCall":{"name":"g"}},{"text":""},{"executableCode":{}}]`;
    const { parts, stop } = decodeAnswer(answer(parseLossless(text, true) as Json[]));
    const [, , , , , made] = parts;
    expect(parts.slice(0, 5)).toEqual([
      { kind: 'reasoning', text: 'hm', signature: null, redacted: null },
      { kind: 'reasoning', text: '', signature: 'AA==', redacted: null },
      { kind: 'text', text: 'so', cache: null },
      { kind: 'reasoning', text: '', signature: 'AQ==', redacted: null },
      {
        kind: 'tool_call',
        id: 'c1',
        name: 'f',
        arguments: '{"x":1.0,"y":12345678901234567890}',
        cache: null,
      },
    ]);
    expect(made).toMatchObject({ kind: 'tool_call', name: 'g', arguments: '{}' });
    expect(isMadeUp((made as { id: string }).id)).toBe(true);
    expect(stop).toBe('tool_use');
    expect(parts).toHaveLength(6);
  });

  it('says of a picture that there was one', () => {
    const { parts } = decodeAnswer(answer([{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }]));
    expect(parts).toEqual([
      {
        kind: 'text',
        text: '[The model answered with a picture (image/png, 3 bytes), which this API cannot carry.]',
        cache: null,
      },
    ]);
  });

  it('has log probabilities', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'hi', logProbability: -0.1, tokenId: 5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'hi', logProbability: -0.1 },
            { token: 'ho', logProbability: -2 },
          ],
        },
      ],
    };
    const body = answer([{ text: 'hi' }]);
    (body['candidates'] as JsonObject[])[0]!['logprobsResult'] = logprobsResult;
    const { parts } = decodeAnswer(body);
    const chance = (token: string, logprob: number) => ({ token, logprob, bytes: null });
    expect(parts).toMatchObject([
      { logprobs: [{ ...chance('hi', -0.1), top: [chance('hi', -0.1), chance('ho', -2)] }] },
    ]);
    const written = JSON.parse(encodeAnswer({ ...decodeAnswer(body) }, CONTEXT)) as JsonObject;
    expect((written['candidates'] as JsonObject[])[0]!['logprobsResult']).toEqual({
      chosenCandidates: [{ token: 'hi', logProbability: -0.1 }],
      topCandidates: logprobsResult.topCandidates,
    });
  });

  it.each<Json>([
    [{ text: 7 }],
    ['x'],
    [{ functionCall: {} }],
    [{ functionCall: { name: 'f', args: [] } }],
    7,
  ])('with parts that cannot be read is none: %j', (parts) => {
    expect(() => decodeAnswer(answer(parts as Json[]))).toThrow(GatewayError);
  });
});

describe('a whole answer, written', () => {
  const write = (parts: Part[], change: Partial<ChatAnswer> = {}, toolIds: string[] = []) =>
    JSON.parse(
      encodeAnswer(
        {
          id: 'a1',
          model: 'm',
          created: null,
          parts,
          stop: 'end',
          stopSequence: null,
          usage: null,
          ...change,
        },
        { ...CONTEXT, toolIds },
      ),
    ) as { candidates: { content: { parts: Json[] }; finishReason: string }[]; usageMetadata?: JsonObject };

  it('has each part in its place', () => {
    const { candidates, usageMetadata: usage } = write(
      [
        { kind: 'reasoning', text: 'hm', signature: 'AA==', redacted: null },
        { kind: 'reasoning', text: '', signature: null, redacted: 'x y' },
        { kind: 'text', text: 'so', cache: null },
        { kind: 'reasoning', text: '', signature: 'AQ==', redacted: null },
        { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{"x":1}', cache: null },
        { kind: 'tool_call', id: 'c1', name: 'g', arguments: '', cache: null },
      ],
      {
        stop: 'tool_use',
        usage: {
          input: 12,
          cacheRead: 4,
          cacheWriteShort: null,
          cacheWriteLong: null,
          output: 12,
          reasoning: 7,
        },
      },
    );
    expect(candidates).toEqual([
      {
        content: {
          role: 'model',
          parts: [
            { text: 'hm', thought: true, thoughtSignature: 'AA==' },
            { text: '', thought: true, thoughtSignature: Buffer.from('redacted:x y').toString('base64') },
            { text: 'so' },
            { functionCall: { id: 'c1', name: 'f', args: { x: 1 } }, thoughtSignature: 'AQ==' },
            { functionCall: { id: 'c1_2', name: 'g', args: {} } },
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ]);
    expect(usage).toEqual({
      promptTokenCount: 12,
      candidatesTokenCount: 5,
      totalTokenCount: 24,
      cachedContentTokenCount: 4,
      thoughtsTokenCount: 7,
    });
  });

  it.each([
    ['end', 'STOP'],
    ['stop_sequence', 'STOP'],
    ['max_tokens', 'MAX_TOKENS'],
    ['context_full', 'MAX_TOKENS'],
    ['content_filter', 'SAFETY'],
    ['refusal', 'SAFETY'],
    ['pause', 'CONTINUATION'],
    ['unknown:x', 'STOP'],
    [null, 'STOP'],
  ] as const)('ended with %s says %s', (stop, reason) => {
    expect(write([], { stop }).candidates[0]!.finishReason).toBe(reason);
  });

  it('that holds nothing has a part all the same, or the chats of the SDKs forget it', () => {
    expect(write([]).candidates[0]!.content.parts).toEqual([{ text: '' }]);
  });

  it('repeats no id of the conversation', () => {
    const { candidates } = write(
      [{ kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}', cache: null }],
      {},
      ['c1'],
    );
    expect(candidates[0]!.content.parts).toEqual([{ functionCall: { id: 'c1_2', name: 'f', args: {} } }]);
  });
});
