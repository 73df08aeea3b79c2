// What one line of a batch's results says was used: of OpenAI (`response.body`), of Anthropic (`result.message`), of Google
// (`response`) and of what lies in Cloud Storage (`response`, or `predictions` of vectors). Each holds a whole answer as a call by itself would have had it, which its dialect reads. Pure.
import { MemberReader } from '../../body/member-reader.ts';
import type { Span } from '../../contracts/body.ts';
import type { Usage } from '../../contracts/chat.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { CodedOperationName } from '../../contracts/operation.ts';
import { scanAnswer } from '../../dialects/answer-json.ts';

export interface BatchResult {
  readonly operation: CodedOperationName;
  /** As the answer names it; '' = it names none. */
  readonly model: string;
  readonly usage: Usage;
}

type Dialects = (name: DialectName) => Dialect;

/** Null: it failed, or is no result, or tells no usage. */
export function resultOf(line: Buffer, dialects: Dialects): BatchResult | null {
  try {
    const found = answerIn(line);
    return found === null ? null : answerResult(scanAnswer(line.subarray(found.start, found.end)), dialects);
  } catch {
    // What is no JSON, or an error, says nothing of usage.
    return null;
  }
}

/** Of a whole answer. @throws GatewayError when it is an error or none */
export function answerResult(answer: JsonObject, dialects: Dialects): BatchResult | null {
  const kind = kindOf(answer);
  if (kind === null) return null;
  const [dialect, operation] = kind;
  const codec = dialects(dialect)[operation];
  if (codec === null || codec === undefined || !('readAnswer' in codec)) return null;
  const facts = codec.readAnswer(answer);
  if (facts === null || typeof facts === 'number' || facts.usage === null) return null;
  return { operation, model: facts.model ?? '', usage: facts.usage };
}

function kindOf(answer: JsonObject): readonly [DialectName, CodedOperationName] | null {
  switch (answer['object']) {
    case 'chat.completion':
      return ['openai-chat', 'chat'];
    case 'text_completion':
      return ['openai-chat', 'completion'];
    case 'list':
      return ['openai-chat', 'embeddings'];
    case 'response':
      return ['openai-responses', 'chat'];
  }
  if (answer['type'] === 'message') return ['anthropic', 'chat'];
  if (answer['predictions'] !== undefined) return ['gemini', 'embeddings'];
  return answer['usageMetadata'] === undefined ? null : ['gemini', 'chat'];
}

/** The answer in a line; null = there is none. */
function answerIn(line: Buffer): Span | null {
  const { response, result, predictions } = membersOf(line, ['response', 'result', 'predictions']);
  if (result !== undefined) return inside(line, result, 'message');
  // Vectors of Vertex AI stand in the line itself.
  if (response === undefined) return predictions === undefined ? null : { start: 0, end: line.length };
  return inside(line, response, 'body') ?? response;
}

function inside(line: Buffer, { start, end }: Span, name: string): Span | null {
  const found = membersOf(line.subarray(start, end), [name])[name];
  return found === undefined ? null : { start: start + found.start, end: start + found.end };
}

function membersOf(json: Buffer, names: readonly string[]): Partial<Record<string, Span>> {
  const found: Partial<Record<string, Span>> = {};
  const reader = new MemberReader(json);
  reader.members(1, (key) => {
    const span = reader.value(1);
    if (names.includes(key)) found[key] = span;
  });
  return found;
}
