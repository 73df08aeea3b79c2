// Answers of POST /v1/embeddings as `EmbeddingsResponse` (docs/proto/headgate/embeddings/v1/embeddings.proto), written field by field.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import { text, uint } from './proto-fields.ts';

const ANSWER = { model: 1, embeddings: 2, usage: 3, json: 15 } as const;
const EMBEDDING = { index: 1, values: 2 } as const;
const USAGE = { input: 1, total: 2 } as const;
/** A number of `values`. */
const BYTES = 4;

/** @param json the same as bytes, to be carried too; null = not asked for. */
export function writeEmbeddingsResponse(answer: JsonObject, json: Buffer | null): Buffer {
  const out = new ProtobufWriter();
  text(out, ANSWER.model, answer['model']);
  for (const [index, one] of arrayAt(answer, 'data').entries()) {
    if (!isObject(one)) continue;
    const at = out.begin(ANSWER.embeddings);
    uint(out, EMBEDDING.index, one['index'] ?? index);
    const values = valuesOf(one['embedding']);
    if (values.length > 0) out.packedFloat(EMBEDDING.values, values);
    out.end(at);
  }
  const usage = objectAt(answer, 'usage');
  if (usage !== null) {
    const at = out.begin(ANSWER.usage);
    uint(out, USAGE.input, usage['prompt_tokens']);
    uint(out, USAGE.total, usage['total_tokens']);
    out.end(at);
  }
  if (json !== null) out.bytes(ANSWER.json, json);
  return out.take();
}

/** A list of numbers, or their bytes in base64 (`encoding_format`). */
function valuesOf(embedding: Json | undefined): ArrayLike<number> {
  if (Array.isArray(embedding)) return embedding.map(Number);
  if (typeof embedding !== 'string') return [];
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, at) => bytes.readFloatLE(at * BYTES));
}
