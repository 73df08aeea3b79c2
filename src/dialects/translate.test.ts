import { describe, expect, it } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import { stringifyJson } from '../body/lossless.ts';
import type { EncodeTarget } from '../contracts/body.ts';
import type { ChatRequest } from '../contracts/chat.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { translateBody } from './translate.ts';

// Two dialects that only pass a member on: what is tested is the way of the body between them.
const from = {
  manner: { maker: null },
  chat: { decodeRequest: (body: JsonObject) => ({ carried: body, turns: [] }) as unknown as ChatRequest },
} as unknown as Dialect;
const to = {
  chat: {
    encodeRequest: (request: ChatRequest, target: EncodeTarget) => ({
      body: stringifyJson({
        model: target.model,
        ...(request as unknown as { carried: JsonObject }).carried,
      }),
      dropped: ['x'],
      adapted: [],
    }),
  },
} as unknown as Dialect;
const target = { model: 'upstream-name' } as EncodeTarget;

describe('translateBody', () => {
  it('hands numbers over as the client wrote them', () => {
    const text = '{"n":12345678901234567890,"t":[1.0,{"u":1e3}],"z":-0}';
    const facts = inspectBody(Buffer.from(text));
    const encoded = translateBody(Buffer.from(text), facts.exoticNumbers, from, to, target);
    expect(encoded.body).toBe(`{"model":"upstream-name",${text.slice(1)}`);
    expect(encoded.dropped).toEqual(['x']);
  });
});
