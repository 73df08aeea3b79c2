// Tokens of a prompt in Responses' shape: instructions, and items of which each is a message, a call, an output or a thought.
import type { Json, JsonObject } from '../contracts/json.ts';
import type { PromptCosts } from '../contracts/manner.ts';
import { arrayAt, objectAt, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';
import { decodedBytes, documentTokens, opaqueTokens } from './prompt-costs.ts';
import type { TokenTally } from './tally.ts';

/** Adds instructions, items and the format of a request; nothing where it has none. */
export function addInput(request: JsonObject, tally: TokenTally, costs: PromptCosts): void {
  const { instructions, input } = request;
  if (typeof instructions === 'string') addMessage(instructions, tally, costs);
  if (typeof input === 'string') addMessage(input, tally, costs);
  else if (Array.isArray(input)) for (const item of input) addItem(item, tally, costs);
  const format = objectAt(objectAt(request, 'text') ?? {}, 'format');
  if (format !== null) tally.text(JSON.stringify(format));
}

function addMessage(content: Json | undefined, tally: TokenTally, costs: PromptCosts): void {
  tally.add(costs.message);
  addContent(content, tally, costs);
}

function addItem(item: Json, tally: TokenTally, costs: PromptCosts): void {
  if (!isObject(item)) return;
  const type = stringAt(item, 'type') ?? 'message';
  if (type === 'message') addMessage(item['content'], tally, costs);
  else if (type === 'reasoning') {
    for (const piece of arrayAt(item, 'summary')) addPart(piece, tally, costs);
    tally.add(opaqueTokens(decodedBytes(item['encrypted_content'])));
  } else {
    tally.add(costs.toolCall);
    if (item['output'] !== undefined) addContent(item['output'], tally, costs);
    else
      for (const name of ['name', 'arguments', 'input', 'action', 'operation']) addValue(item[name], tally);
  }
}

function addContent(content: Json | undefined, tally: TokenTally, costs: PromptCosts): void {
  if (typeof content === 'string') tally.text(content);
  else if (Array.isArray(content)) for (const part of content) addPart(part, tally, costs);
}

function addPart(part: Json, tally: TokenTally, costs: PromptCosts): void {
  if (!isObject(part)) return;
  switch (part['type']) {
    case 'input_image':
      tally.add(part['detail'] === 'low' ? costs.imageLowDetail : costs.image);
      return;
    case 'input_file':
      tally.add(documentTokens(decodedBytes(part['file_data'])));
      return;
    default:
      tally.text(stringAt(part, 'text') ?? stringAt(part, 'refusal') ?? JSON.stringify(part));
  }
}

function addValue(value: Json | undefined, tally: TokenTally): void {
  if (value !== undefined && value !== null)
    tally.text(typeof value === 'string' ? value : JSON.stringify(value));
}
