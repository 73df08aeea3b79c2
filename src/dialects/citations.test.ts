// Citations of answers through each dialect, whole and streamed: pages in all six, documents where there is a place for them.
import { describe, expect, it } from 'vitest';
import { encoded } from '../../tests/kit/told.ts';
import type { EncodeTarget } from '../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { ChatAnswer, TextPart } from '../contracts/chat.ts';
import type { Citation } from '../contracts/citation.ts';
import type { AnswerContext, Dialect } from '../contracts/dialect.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { JsonObject } from '../contracts/json.ts';
import { deltasOf } from '../pipeline/answer/answer-stream.ts';
import { Gathered } from '../pipeline/answer/gather-stream.ts';
import { dialectByName } from '../registry/dialects.ts';
import { translateBody } from './translate.ts';

const ALL = ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'bedrock', 'cohere'] as const;
/** What they stand for is told by offsets, not by their block. */
const BY_OFFSET: readonly DialectName[] = ['openai-chat', 'openai-responses', 'gemini', 'cohere'];
const context: AnswerContext = { requestId: 'r1', model: 'm', now: 1_790_000_000, includeUsage: true };

const page: Citation = {
  url: 'https://example.com/a',
  title: 'A page',
  quote: 'its words',
  range: null,
  document: null,
};
const document: Citation = {
  url: null,
  title: 'report.pdf',
  quote: 'its words',
  range: null,
  document: { index: 1, unit: 'page', start: 3, end: 4 },
};
// Bytes and characters are not the same here.
const text = 'Zürich ist schön.';

const answer = (...citations: Citation[]): ChatAnswer => ({
  id: 'a1',
  model: 'm1',
  created: null,
  parts: [
    { kind: 'reasoning', text: 'hm', signature: null, redacted: null },
    { kind: 'text', text, cache: null, citations },
  ],
  stop: 'end',
  stopSequence: null,
  usage: null,
});

function whole({ chat }: Dialect, told: ChatAnswer): Citation[] {
  return citationsOf(chat.decodeAnswer(JSON.parse(chat.encodeAnswer(told, context)) as JsonObject));
}

function streamed({ chat }: Dialect, told: ChatAnswer): Citation[] {
  const decoder = chat.createDecoder();
  const gathered = new Gathered();
  const wire = encoded(chat.createEncoder(context), ...deltasOf(told));
  for (const message of wire.split('\n\n')) {
    const event = /^event: (.*)$/m.exec(message)?.[1] ?? '';
    const data = /^data: (.*)$/m.exec(message)?.[1];
    if (data !== undefined) for (const delta of decoder.decode(event, data)) gathered.add(delta);
  }
  for (const delta of decoder.finish()) gathered.add(delta);
  return citationsOf(gathered.answer);
}

function citationsOf({ parts }: ChatAnswer): Citation[] {
  const said = parts.find((part): part is TextPart => part.kind === 'text');
  expect(said?.text).toBe(text);
  return said?.citations ?? [];
}

describe.each(ALL)('a page that an answer cites in %s', (name) => {
  const dialect = dialectByName(name);
  const all = { start: 0, end: text.length };

  it('is read again as it was written, whole and streamed', () => {
    const { url, title } = page;
    for (const [read] of [whole(dialect, answer(page)), streamed(dialect, answer(page))])
      expect(read).toMatchObject({ url, title });
  });

  it('stands for all of its text where nothing says for what', () => {
    expect(whole(dialect, answer(page))[0]!.range).toEqual(BY_OFFSET.includes(name) ? all : null);
  });

  it('that stands for a passage goes on doing so, in characters', () => {
    const passage = { ...page, range: { start: 11, end: 16 } };
    const [read] = whole(dialect, answer(passage));
    expect(read!.range).toEqual(BY_OFFSET.includes(name) ? passage.range : null);
  });

  it('is not made up', () => {
    expect([...whole(dialect, answer()), ...streamed(dialect, answer())]).toEqual([]);
  });
});

it.each(['anthropic', 'bedrock'] as const)('a passage of a document is told by %s with its place', (name) => {
  const dialect = dialectByName(name);
  expect([whole(dialect, answer(document)), streamed(dialect, answer(document))]).toEqual([
    [document],
    [document],
  ]);
});

it.each(['openai-chat', 'openai-responses', 'gemini'] as const)('%s has no place for a document', (name) => {
  const dialect = dialectByName(name);
  expect([...whole(dialect, answer(document)), ...streamed(dialect, answer(document))]).toEqual([]);
});

it('Gemini tells passages in bytes', () => {
  const { chat } = dialectByName('gemini');
  const passage = { ...page, range: { start: 11, end: 16 } };
  const { candidates } = JSON.parse(chat.encodeAnswer(answer(passage), context)) as { candidates: object[] };
  expect(candidates[0]).toMatchObject({
    groundingMetadata: {
      groundingChunks: [{ web: { uri: page.url, title: 'A page' } }],
      groundingSupports: [
        {
          segment: { partIndex: 1, startIndex: 12, endIndex: 18, text: 'schön' },
          groundingChunkIndices: [0],
        },
      ],
    },
  });
  expect(encoded(chat.createEncoder(context), ...deltasOf(answer(passage)))).toContain(
    '"segment":{"startIndex":12,"endIndex":18,"text":"schön"}',
  );
});

it('what Gemini recites is a citation as well', () => {
  const candidate = {
    content: { parts: [{ text }] },
    finishReason: 'STOP',
    citationMetadata: { citationSources: [{ endIndex: 7, uri: 'https://example.com/b' }, {}] },
  };
  const { parts } = dialectByName('gemini').chat.decodeAnswer({ candidates: [candidate] });
  expect(parts[0]).toMatchObject({
    citations: [{ url: 'https://example.com/b', range: { start: 0, end: 6 } }],
  });
});

it('each source of a Cohere citation is one', () => {
  const citation = {
    start: 0,
    end: 6,
    text: 'Zürich',
    sources: [
      { type: 'document', id: 'doc:0', document: { title: 'T', snippet: 'S' } },
      { type: 'tool', id: 'search:1', tool_output: { url: 'https://example.com/c' } },
    ],
  };
  const { parts } = dialectByName('cohere').chat.decodeAnswer({
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text }], citations: [citation] },
  });
  const range = { start: 0, end: 6 };
  expect(parts[0]).toMatchObject({
    citations: [
      { url: null, title: 'T', quote: 'S', range },
      { url: 'https://example.com/c', title: 'search:1', quote: null, range },
    ],
  });
});

describe('a request that wants its documents cited', () => {
  const asking = {
    anthropic: {
      model: 'm',
      max_tokens: 9,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'x' },
              citations: { enabled: true },
            },
            { type: 'text', text: 'What?' },
          ],
        },
      ],
    },
    bedrock: {
      messages: [
        {
          role: 'user',
          content: [
            {
              document: {
                format: 'txt',
                name: 'n',
                source: { bytes: 'eA==' },
                citations: { enabled: true },
              },
            },
            { text: 'What?' },
          ],
        },
      ],
    },
  };
  const sent = (from: keyof typeof asking, to: DialectName) => {
    const target: EncodeTarget = {
      model: 'up',
      provider: 'p',
      capabilities: UNKNOWN_CAPABILITIES[to],
      streamUsage: true,
      defaultMaxTokens: 4096,
      legacyMaxTokens: false,
      strict: false,
    };
    const body = Buffer.from(JSON.stringify(asking[from]));
    return translateBody(body, false, dialectByName(from), dialectByName(to), target);
  };

  it.each([
    ['anthropic', 'bedrock'],
    ['bedrock', 'anthropic'],
  ] as const)('says so from %s to %s', (from, to) => {
    const { body, dropped } = sent(from, to);
    expect([body.includes('"citations":{"enabled":true}'), dropped]).toEqual([true, []]);
  });

  it('is told where nobody can', () => {
    expect(sent('anthropic', 'openai-responses').dropped).toEqual(['messages[0].content[0].citations']);
    expect(sent('bedrock', 'gemini').dropped).toContain('messages[0].content[0].document.citations');
  });
});
