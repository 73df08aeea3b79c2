import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { EmbeddingsResponseSchema } from '../../grpc/embeddings-messages.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { writeEmbeddingsResponse } from './grpc-embeddings-answer.ts';

const read = (answer: JsonObject, json: Buffer | null = null) =>
  fromBinary(EmbeddingsResponseSchema, writeEmbeddingsResponse(answer, json));
const floats = (...values: number[]): string =>
  Buffer.from(Float32Array.from(values).buffer).toString('base64');

it('vectors keep their numbers and places, as lists and as base64', () => {
  const { model, embeddings, usage, json } = read({
    model: 'm',
    data: [
      { index: 1, embedding: [0.5, -0.25, 0] },
      { index: 0, embedding: floats(1, 2, -3) },
    ],
    usage: { prompt_tokens: 7, total_tokens: 9 },
  });
  expect([model, usage?.inputTokens, usage?.totalTokens, json.length]).toEqual(['m', 7n, 9n, 0]);
  expect(embeddings.map(({ index, values }) => [index, values])).toEqual([
    [1, [0.5, -0.25, 0]],
    [0, [1, 2, -3]],
  ]);
});

it('many of them are whole, however long', () => {
  const long = Array.from({ length: 3_072 }, (_, at) => at / 4);
  const { embeddings } = read({ data: Array.from({ length: 20 }, () => ({ embedding: long })) });
  expect(embeddings.map(({ index }) => index)).toEqual(embeddings.map((_, at) => at));
  for (const { values } of embeddings) expect(values).toEqual(long);
});

it('an answer without usage says none, and carries its JSON where that was asked for', () => {
  const answer = read({ data: [] }, Buffer.from('{"data":[]}'));
  expect([answer.usage, Buffer.from(answer.json).toString()]).toEqual([undefined, '{"data":[]}']);
});
