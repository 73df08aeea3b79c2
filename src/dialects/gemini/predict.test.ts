import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../../tests/kit/encode-target.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { embeddings } from './embeddings.ts';

const openai = dialectByName('openai-chat').embeddings!;
const onVertex = (model: string) => ({ ...encodeTarget('gemini', model), hosted: 'vertex' as const });
const asked = { model: 'x', input: ['a', 'bb'], dimensions: 3, input_type: 'query', truncate: 'NONE' };

describe('embeddings on Vertex', () => {
  test('are asked of older models by `:predict`, in instances', () => {
    const target = onVertex('text-embedding-005');
    expect(embeddings.address(target, false, '')).toBe('/models/text-embedding-005:predict');
    expect(JSON.parse(embeddings.encodeRequest(openai.decodeRequest(asked), target).body.toString())).toEqual(
      {
        instances: [
          { content: 'a', task_type: 'RETRIEVAL_QUERY' },
          { content: 'bb', task_type: 'RETRIEVAL_QUERY' },
        ],
        parameters: { outputDimensionality: 3, autoTruncate: false },
      },
    );
  });

  test('are answered in predictions, whose tokens are summed', () => {
    const prediction = (values: number[], tokens: number) => ({
      embeddings: { values, statistics: { token_count: tokens, truncated: false } },
    });
    const answer = embeddings.decodeAnswer({ predictions: [prediction([1, 2], 3), prediction([3], 4)] });
    expect(answer).toMatchObject({ vectors: [[1, 2], [3]], usage: { input: 7, output: 0 } });
    expect(() => embeddings.decodeAnswer({ predictions: [{}] })).toThrow();
    expect(() => embeddings.decodeAnswer({})).toThrow();
  });

  test('of pictures come under their kind', () => {
    const target = onVertex('multimodalembedding@001');
    const decoded = dialectByName('cohere').embeddings!.decodeRequest({
      images: ['data:image/png;base64,QUJD'],
      input_type: 'image',
    });
    expect(JSON.parse(embeddings.encodeRequest(decoded, target).body.toString())).toEqual({
      instances: [{ image: { bytesBase64Encoded: 'QUJD' } }],
    });
    expect(embeddings.decodeAnswer({ predictions: [{ imageEmbedding: [5] }] }).vectors).toEqual([[5]]);
  });

  test('of newer models, and elsewhere, are asked as ever', () => {
    expect(embeddings.address(onVertex('gemini-embedding-2'), false, '')).toContain(':batchEmbedContents');
    const elsewhere = encodeTarget('gemini', 'text-embedding-004');
    expect(embeddings.address(elsewhere, false, '')).toContain(':batchEmbedContents');
  });
});
