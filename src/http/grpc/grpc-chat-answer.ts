// Answers of Chat Completions as `ChatResponse` and `ChatChunk` (docs/proto/headgate/chat/v1/chat.proto), written field by field:
// a stream is made of hundreds of them.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import { text, uint } from './proto-fields.ts';

/** Fields of `ChatResponse`, and the same of `ChatChunk`. */
const ANSWER = { id: 1, model: 2, created: 3, choices: 4, usage: 5, json: 15 } as const;
/** Fields of `Choice`, and the same of `ChoiceDelta`. */
const CHOICE = { index: 1, text: 2, reasoning: 3, refusal: 4, toolCalls: 5, finishReason: 6 } as const;
const USAGE = { input: 1, output: 2, total: 3, cached: 4, reasoning: 5 } as const;

const writer = (): ProtobufWriter => new ProtobufWriter(512);

/** @param json the same as bytes, to be carried too; null = not asked for. */
export function writeChatResponse(answer: JsonObject, json: Buffer | null): Buffer {
  return write(answer, json, 'message', 1);
}

/** A chunk of a stream. A whole answer in its place becomes one chunk. */
export function writeChatChunk(chunk: JsonObject, json: Buffer | null): Buffer {
  return write(chunk, json, 'delta', 2);
}

/** @param callFields number of `id` in a tool call, those of name and arguments behind it. */
function write(
  answer: JsonObject,
  json: Buffer | null,
  said: 'message' | 'delta',
  callFields: 1 | 2,
): Buffer {
  const out = writer();
  text(out, ANSWER.id, answer['id']);
  text(out, ANSWER.model, answer['model']);
  uint(out, ANSWER.created, answer['created']);
  for (const choice of arrayAt(answer, 'choices')) {
    if (!isObject(choice)) continue;
    const at = out.begin(ANSWER.choices);
    uint(out, CHOICE.index, choice['index']);
    const words = objectAt(choice, said) ?? objectAt(choice, 'message') ?? {};
    text(out, CHOICE.text, textOf(words['content']));
    text(out, CHOICE.reasoning, words['reasoning_content'] ?? words['reasoning']);
    text(out, CHOICE.refusal, words['refusal']);
    for (const [index, call] of arrayAt(words, 'tool_calls').entries())
      if (isObject(call)) writeCall(out, call, index, callFields);
    text(out, CHOICE.finishReason, choice['finish_reason']);
    out.end(at);
  }
  const usage = objectAt(answer, 'usage');
  if (usage !== null) writeUsage(out, usage);
  if (json !== null) out.bytes(ANSWER.json, json);
  return out.take();
}

function writeCall(out: ProtobufWriter, call: JsonObject, index: number, id: 1 | 2): void {
  const at = out.begin(CHOICE.toolCalls);
  if (id === 2) uint(out, 1, call['index'] ?? index);
  text(out, id, call['id']);
  const named = objectAt(call, 'function') ?? objectAt(call, 'custom') ?? {};
  text(out, id + 1, named['name']);
  text(out, id + 2, named['arguments'] ?? named['input']);
  out.end(at);
}

function writeUsage(out: ProtobufWriter, usage: JsonObject): void {
  const at = out.begin(ANSWER.usage);
  uint(out, USAGE.input, usage['prompt_tokens']);
  uint(out, USAGE.output, usage['completion_tokens']);
  uint(out, USAGE.total, usage['total_tokens']);
  uint(out, USAGE.cached, objectAt(usage, 'prompt_tokens_details')?.['cached_tokens']);
  uint(out, USAGE.reasoning, objectAt(usage, 'completion_tokens_details')?.['reasoning_tokens']);
  out.end(at);
}

/** Some providers say text in parts. */
function textOf(content: Json | undefined): Json | undefined {
  if (!Array.isArray(content)) return content;
  return content.map((part) => (isObject(part) ? (stringAt(part, 'text') ?? '') : '')).join('');
}
