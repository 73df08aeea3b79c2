// Log probabilities between the dialects that have them, whole and streamed; from the others they are refused by name.
import { describe, expect, it } from 'vitest';
import { encoded } from '../../tests/kit/told.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { TokenLogprob } from '../contracts/chat.ts';
import type { DialectName } from '../contracts/dialect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { dialects } from '../registry/dialects.ts';

const HAVE: readonly DialectName[] = ['openai-chat', 'openai-responses', 'gemini'];
const CONTEXT = { requestId: 'req_1', model: 'm', now: 1, includeUsage: true };
const logprobs: TokenLogprob[] = [
  {
    token: 'Hé',
    logprob: -0.25,
    bytes: [72, 195, 169],
    top: [{ token: 'Hi', logprob: -1.5, bytes: [72, 105] }],
  },
  { token: '!', logprob: -0.5, bytes: [33], top: [] },
];
/** Bytes are not told everywhere. */
const plain = (list: readonly TokenLogprob[] | undefined) =>
  list?.map(({ token, logprob, top }) => [token, logprob, top.map((other) => [other.token, other.logprob])]);

describe.each(HAVE.filter((name) => name !== 'gemini'))('log probabilities of %s', (name) => {
  const { chat } = dialects[name];

  it('come whole as they were', () => {
    const answer = {
      id: 'x',
      model: 'm',
      created: 1,
      parts: [{ kind: 'text' as const, text: 'Hé!', cache: null, logprobs }],
      stop: 'end' as const,
      stopSequence: null,
      usage: null,
    };
    const [part] = chat.decodeAnswer(JSON.parse(chat.encodeAnswer(answer, CONTEXT)) as JsonObject).parts;
    expect(part?.kind === 'text' && part.logprobs).toEqual(logprobs);
  });

  it('come streamed as they were', () => {
    const text = encoded(
      chat.createEncoder(CONTEXT),
      { kind: 'start', id: 'x', model: 'm', created: 1, usage: null },
      { kind: 'open', index: 0, block: 'text' },
      { kind: 'text', index: 0, text: 'Hé', logprobs: logprobs.slice(0, 1) },
      { kind: 'text', index: 0, text: '!', logprobs: logprobs.slice(1) },
      { kind: 'close', index: 0 },
      { kind: 'stop', reason: 'end', stopSequence: null },
      { kind: 'end' },
    );
    const decoder = chat.createDecoder();
    const heard = [...text.matchAll(/(?:event: (.*)\n)?data: (.*)\n\n/g)].flatMap(([, event, data]) =>
      decoder
        .decode(event ?? '', data!)
        .flatMap((delta) => (delta.kind === 'text' ? (delta.logprobs ?? []) : [])),
    );
    expect(plain(heard)).toEqual(plain(logprobs));
  });
});

describe('a request for log probabilities', () => {
  const encode = (name: DialectName, alternatives = 2) => {
    const ask = dialects['openai-chat'].chat.decodeRequest({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      logprobs: true,
      top_logprobs: alternatives,
    });
    return dialects[name].chat.encodeRequest(ask, {
      model: 'm',
      provider: 'p',
      capabilities: UNKNOWN_CAPABILITIES[name],
      streamUsage: true,
      defaultMaxTokens: 10,
      legacyMaxTokens: false,
      strict: false,
    });
  };

  it.each(HAVE)('asks %s for the same', (name) => {
    const { chat } = dialects[name];
    expect(chat.decodeRequest(JSON.parse(encode(name).body) as JsonObject).logprobs).toBe(2);
  });

  it('asks Cohere for the same, but for no alternatives', () => {
    expect(JSON.parse(encode('cohere', 0).body)).toMatchObject({ logprobs: true });
    expect(() => encode('cohere')).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED', param: 'top_logprobs' }),
    );
  });

  it.each(['anthropic', 'bedrock'] as const)('is refused for %s', (name) => {
    expect(() => encode(name)).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED', param: 'logprobs' }),
    );
  });
});
