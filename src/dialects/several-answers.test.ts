// Several answers to one request (OpenAI `n`, Gemini `candidateCount`) between the two dialects that have them.
import { describe, expect, it } from 'vitest';
import { told } from '../../tests/kit/told.ts';
import type { EncodeTarget } from '../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { ChatAnswer, Choice, Delta, Part } from '../contracts/chat.ts';
import type { AnswerContext, Dialect } from '../contracts/dialect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { deltasOf } from '../pipeline/answer/answer-stream.ts';
import { Gathered } from '../pipeline/answer/gather-stream.ts';
import { dialectByName } from '../registry/dialects.ts';
import { sealAnswer } from './proofs.ts';
import { sealingEncoder } from './sealing-encoder.ts';
import { restoreAnswer } from './tool-memory.ts';
import { translateBody } from './translate.ts';

const chat = dialectByName('openai-chat');
const gemini = dialectByName('gemini');
const asking = {
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'hi' }], n: 3 },
  gemini: {
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    generationConfig: { candidateCount: 3 },
  },
};
const context: AnswerContext = { requestId: 'r1', model: 'm', now: 1_790_000_000, includeUsage: true };

const text = (said: string): Part => ({ kind: 'text', text: said, cache: null });
const call = (id: string, name: string): Part => ({
  kind: 'tool_call',
  id,
  name,
  arguments: '{"a":1}',
  cache: null,
});
const usage = {
  input: 3,
  cacheRead: 0,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: 9,
  reasoning: 0,
};
const others: Choice[] = [
  { parts: [text('two'), call('c2', 'look')], stop: 'tool_use' },
  { parts: [text('three')], stop: 'max_tokens' },
];
const whole: ChatAnswer = {
  id: 'a1',
  model: 'm1',
  created: null,
  parts: [text('one')],
  stop: 'end',
  stopSequence: null,
  usage,
  others,
};

const targetOf = (to: Dialect): EncodeTarget => ({
  model: 'up',
  provider: 'p',
  capabilities: UNKNOWN_CAPABILITIES[to.name],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
});
const translated = (from: Dialect, to: Dialect) =>
  translateBody(
    Buffer.from(JSON.stringify(asking[from.name as keyof typeof asking])),
    false,
    from,
    to,
    targetOf(to),
  );

/** What a client of the dialect reads of the answers: text, calls by name, and why it ended, by number. */
function read(dialect: Dialect, encoded: string): ChatAnswer {
  return dialect.chat.decodeAnswer(JSON.parse(encoded) as JsonObject);
}

/** The answer streamed in `from`'s words, decoded, and written in `to`'s; as `to`'s decoder reads it. */
function relayed(from: Dialect, to: Dialect, deltas: readonly Delta[], choices = 3): ChatAnswer {
  const out = through(from, deltas, choices);
  const back = through(to, out, choices);
  const gathered = new Gathered();
  for (const delta of back) gathered.add(delta);
  return gathered.answer;
}

function through(dialect: Dialect, deltas: readonly Delta[], choices: number): Delta[] {
  const encoder = dialect.chat.createEncoder(context);
  const decoder = dialect.chat.createDecoder(choices);
  const wire = told((out) => {
    for (const delta of deltas) encoder.encode(delta, out);
  });
  const read = wire
    .split('\n\n')
    .filter((message) => message.startsWith('data: '))
    .flatMap((message) => decoder.decode('', message.slice('data: '.length)));
  return [...read, ...decoder.finish()];
}

describe('a request for several answers', () => {
  it.each([
    [chat, gemini, 'generationConfig', { candidateCount: 3 }],
    [gemini, chat, 'n', 3],
    [gemini, gemini, 'generationConfig', { candidateCount: 3 }],
  ])('asks for as many: $0.name to $1.name', (from, to, member, value) => {
    const { body, tools, dropped } = translated(from, to);
    expect((JSON.parse(body) as JsonObject)[member]).toEqual(value);
    expect([tools?.choices, dropped]).toEqual([3, []]);
  });

  it.each(['anthropic', 'openai-responses', 'bedrock', 'cohere'] as const)('is refused for %s', (name) => {
    const to = dialectByName(name);
    expect(() => translated(chat, to)).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED', param: 'n' }),
    );
    expect(() => translated(gemini, to)).toThrow(
      expect.objectContaining({ param: 'generationConfig.candidateCount' }),
    );
  });

  it('names the field as the client spells it', () => {
    const body = { ...asking.gemini, generation_config: { candidate_count: 2 }, generationConfig: undefined };
    const { choices } = gemini.chat.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject);
    expect(choices).toEqual({ count: 2, field: 'generation_config.candidate_count' });
  });

  it('for one answer is none', () => {
    expect(chat.chat.decodeRequest({ ...asking['openai-chat'], n: 1 }).choices).toBeUndefined();
  });
});

describe.each([chat, gemini])('several answers of $name', (dialect) => {
  it('come whole, each with its own end', () => {
    const again = read(dialect, dialect.chat.encodeAnswer(whole, context));
    expect(again.parts).toEqual(whole.parts);
    expect(again.stop).toBe('end');
    expect(again.others).toEqual(others);
  });

  it('more than were asked for end a stream with a fault', () => {
    expect(() => through(dialect, deltasOf(whole), 2)).toThrow(
      expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }),
    );
  });

  it('have their tools turned back and their proofs wrapped in each', () => {
    const proof: Part = { kind: 'reasoning', text: '', signature: 'sig', redacted: null };
    const answer = { ...whole, others: [{ parts: [proof, call('c', 'short')], stop: 'tool_use' as const }] };
    const back = sealAnswer(
      restoreAnswer(answer, { custom: [], renamed: { short: 'a long name' } }),
      { maker: null },
      'acme',
    );
    expect(back.others![0]!.parts).toEqual([
      { ...proof, signature: 'hg1.acme.c2ln' },
      call('c', 'a long name'),
    ]);
  });
});

describe.each([
  [chat, gemini],
  [gemini, chat],
])('a stream of several answers from $0.name to $1.name', (from, to) => {
  it('tells each apart, with text, calls and ends of its own', () => {
    const answer = relayed(from, to, deltasOf(whole));
    expect(answer).toMatchObject({ parts: [text('one')], stop: 'end', others });
    expect(answer.usage).toMatchObject({ input: 3, output: 9 });
  });

  it('whose pieces take turns is told apart as well', () => {
    const piece = (index: number, said: string): Delta => ({ kind: 'text', index, text: said });
    const deltas: Delta[] = [
      { kind: 'start', id: 'a1', model: 'm1', created: null, usage: null },
      { kind: 'open', index: 0, block: 'text', choice: 1 },
      piece(0, 'b'),
      { kind: 'open', index: 1, block: 'text' },
      piece(1, 'a'),
      piece(0, 'B'),
      piece(1, 'A'),
      { kind: 'close', index: 1 },
      { kind: 'close', index: 0 },
      { kind: 'stop', reason: 'max_tokens', stopSequence: null, choice: 1 },
      { kind: 'stop', reason: 'end', stopSequence: null },
      { kind: 'end' },
    ];
    expect(relayed(from, to, deltas, 2)).toMatchObject({
      parts: [text('aA')],
      stop: 'end',
      others: [{ parts: [text('bB')], stop: 'max_tokens' }],
    });
  });
});

it('a proof of another answer is wrapped in its stream', () => {
  const seen: Delta[] = [];
  const encoder = sealingEncoder(
    { encode: (delta) => void seen.push(delta) },
    { maker: 'acme', organization: '', joins: undefined },
  );
  const out = { emit() {}, emitLines() {} };
  encoder.encode({ kind: 'open', index: 0, block: 'redacted', data: 'd', choice: 2 }, out);
  expect(seen).toEqual([{ kind: 'open', index: 0, block: 'redacted', data: 'hg1.acme.ZA', choice: 2 }]);
});
