// Tokens of a prompt in Gemini's shape, where what is said stands in parts that their one member tells the kind of.
import type { Json, JsonObject } from '../contracts/json.ts';
import type { PromptCosts } from '../contracts/manner.ts';
import { arrayAt, objectAt, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';
import { audioTokens, decodedBytes, documentTokens } from './prompt-costs.ts';
import type { TokenTally } from './tally.ts';

/** The tools that one entry of `tools` offers: there all functions stand in one. */
export function functionsOf(tool: Json): readonly Json[] {
  if (!isObject(tool)) return [tool];
  const declarations = memberOf(tool, 'functionDeclarations', 'function_declarations');
  return declarations === undefined ? [tool] : listOf(declarations);
}

/** Adds contents and instructions of a request; nothing where it has none. */
export function addContents(request: JsonObject, tally: TokenTally, costs: PromptCosts): void {
  // A count may be asked for a request as a whole.
  const whole = memberOf(request, 'generateContentRequest', 'generate_content_request');
  if (isObject(whole)) {
    addContents(whole, tally, costs);
    return;
  }
  const system = memberOf(request, 'systemInstruction', 'system_instruction');
  for (const content of [...listOf(system), ...listOf(request['contents'])]) {
    tally.add(costs.message);
    addContent(content, tally, costs);
  }
}

function addContent(content: Json, tally: TokenTally, costs: PromptCosts): void {
  if (typeof content === 'string') tally.text(content);
  else if (isObject(content)) {
    const parts = content['parts'] === undefined ? [content] : listOf(content['parts']);
    for (const part of parts) addPart(part, tally, costs);
  }
}

function addPart(part: Json, tally: TokenTally, costs: PromptCosts): void {
  if (typeof part === 'string') tally.text(part);
  if (!isObject(part)) return;
  const text = stringAt(part, 'text');
  const blob = memberOf(part, 'inlineData', 'inline_data');
  const call = memberOf(part, 'functionCall', 'function_call');
  const result = memberOf(part, 'functionResponse', 'function_response');
  if (text !== null) tally.text(text);
  else if (isObject(blob)) addBlob(blob, tally, costs);
  else if (isObject(call)) {
    tally.add(costs.toolCall);
    tally.text(stringAt(call, 'name') ?? '');
    tally.text(JSON.stringify(call['args'] ?? {}));
  } else if (isObject(result)) {
    tally.add(costs.toolCall);
    tally.text(JSON.stringify(objectAt(result, 'response') ?? {}));
    for (const inner of arrayAt(result, 'parts')) addPart(inner, tally, costs);
  } else tally.add(documentTokens(0));
}

function addBlob(blob: JsonObject, tally: TokenTally, costs: PromptCosts): void {
  const type = memberOf(blob, 'mimeType', 'mime_type');
  const kind = typeof type === 'string' ? type.split('/')[0] : '';
  const bytes = decodedBytes(blob['data']);
  if (kind === 'image') tally.add(costs.image);
  else if (kind === 'audio') tally.add(audioTokens(bytes));
  else tally.add(documentTokens(bytes));
}

function memberOf(object: JsonObject, camel: string, snake: string): Json | undefined {
  return object[camel] ?? object[snake];
}

/** A list, or what stands in the place of a list of one. */
function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
