import { expect, test } from 'vitest';
import { encodeTarget } from '../../../tests/kit/encode-target.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { embeddings } from './embeddings.ts';
import { rerank } from './rerank.ts';

const target = { ...encodeTarget('openai-chat', 'nv-rerank'), hosted: 'nvidia' as const };
const context = { requestId: 'r', model: 'm', now: 1, includeUsage: true };

test('a NIM ranks passages, and as many results are told as were asked for', () => {
  const asked = { model: 'x', query: 'q', documents: ['a', { text: 'b' }, 'c'], top_n: 2 };
  const { body } = rerank.encodeRequest(rerank.decodeRequest(asked), target);
  expect([rerank.address(target), JSON.parse(body.toString())]).toEqual([
    '/ranking',
    {
      model: 'nv-rerank',
      query: { text: 'q' },
      passages: [{ text: 'a' }, { text: 'b' }, { text: 'c' }],
      truncate: 'END',
    },
  ]);
  const rankings = [0, 1, 2].map((index) => ({ index, logit: index - 1.5 }));
  const answer = rerank.decodeAnswer({ rankings });
  const told = rerank.encodeAnswer(answer, { ...context, remembered: rerank.remember(asked) });
  expect(JSON.parse(told).results).toEqual([
    { index: 2, relevance_score: 0.5 },
    { index: 1, relevance_score: -0.5 },
  ]);
  expect(() => rerank.readAnswer({ error: { message: 'no' } })).toThrow();
});

test('NVIDIA’s catalog has a path for each model that ranks, but for its first', () => {
  const at = (model: string) => rerank.address({ ...target, model, hosted: 'nvidia-catalog' });
  expect(at('nvidia/llama-3.2-nv-rerankqa-1b-v2')).toBe(
    '/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking',
  );
  expect(at('nvidia/rerank-qa-mistral-4b')).toBe('/retrieval/nvidia/reranking');
  const asked = rerank.decodeRequest({ model: 'x', query: 'q', documents: ['a'] });
  const { body } = rerank.encodeRequest(asked, { ...target, hosted: 'nvidia-catalog' });
  expect(JSON.parse(body.toString())).toMatchObject({ passages: [{ text: 'a' }] });
});

test('what vectors are for is said in its words', () => {
  const cohere = dialectByName('cohere').embeddings!;
  const of = (input_type: string): unknown => {
    const request = cohere.decodeRequest({ texts: ['a'], input_type, truncate: 'END' });
    return JSON.parse(embeddings.encodeRequest(request, target).body.toString());
  };
  expect(of('search_query')).toMatchObject({ input: ['a'], input_type: 'query', truncate: 'END' });
  expect(of('search_document')).toMatchObject({ input_type: 'passage' });
});
