import { expect, test } from 'vitest';
import { encodeTarget } from '../../tests/kit/encode-target.ts';
import { inspectBody } from '../body/inspect.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { dialectByName } from '../registry/dialects.ts';
import { translateBody } from './translate.ts';
import { countsFor } from './translate-count.ts';

const COUNT = { asked: 'token-count', sent: 'token-count' } as const;

function asked(from: DialectName, to: DialectName, request: object, model: string): unknown {
  const body = Buffer.from(JSON.stringify(request));
  const { exoticNumbers } = inspectBody(body);
  const target = encodeTarget(to, model);
  return JSON.parse(
    translateBody(body, exoticNumbers, dialectByName(from), dialectByName(to), target, COUNT).body,
  );
}

const REQUESTS: readonly [DialectName, object][] = [
  ['anthropic', { model: 'a', system: 'Be brief.', messages: [{ role: 'user', content: 'hi' }] }],
  ['openai-responses', { model: 'a', instructions: 'Be brief.', input: 'hi' }],
  [
    'gemini',
    {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    },
  ],
  [
    'gemini',
    {
      generateContentRequest: {
        model: 'models/a',
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      },
    },
  ],
  [
    'bedrock',
    {
      input: {
        converse: {
          system: [{ text: 'Be brief.' }],
          messages: [{ role: 'user', content: [{ text: 'hi' }] }],
        },
      },
    },
  ],
];

test.each(REQUESTS.filter(([from]) => from !== 'gemini'))(
  'Gemini is asked for what a client of %s counts',
  (from, request) => {
    expect(asked(from, 'gemini', request, 'gemini-3')).toMatchObject({
      generateContentRequest: {
        model: 'models/gemini-3',
        contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
      },
    });
  },
);

test.each(REQUESTS.filter(([from]) => from !== 'anthropic'))(
  'Messages is asked for what a client of %s counts',
  (from, request) => {
    const sent = asked(from, 'anthropic', request, 'claude-x') as Record<string, unknown>;
    expect(Object.keys(sent).sort()).toEqual(['messages', 'model', 'system']);
    expect(JSON.stringify(sent)).toMatch(/hi.*Be brief|Be brief.*hi/);
    expect(sent['model']).toBe('claude-x');
  },
);

test('what no chat is in cannot be asked elsewhere', () => {
  expect(() => asked('bedrock', 'anthropic', { input: { invokeModel: { body: 'e30=' } } }, 'm')).toThrow(
    expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED' }),
  );
});

test.each<[DialectName, DialectName, boolean]>([
  ['anthropic', 'gemini', true],
  ['gemini', 'anthropic', true],
  // Our own count of OpenAI's models is exact.
  ['anthropic', 'openai-responses', false],
  ['anthropic', 'openai-chat', false],
  ['openai-chat', 'anthropic', false],
])('whether a client of %s has its tokens counted by %s: %s', (from, to, counts) => {
  expect(countsFor(dialectByName(from), dialectByName(to))).toBe(counts);
});
