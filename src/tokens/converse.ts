// Tokens of a prompt as Bedrock is asked to count it: a Converse request, or the body that a model would be invoked with.
import type { Json, JsonObject } from '../contracts/json.ts';
import type { PromptCosts } from '../contracts/manner.ts';
import { arrayAt, objectAt, parseObject, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';
import { audioTokens, decodedBytes, documentTokens, opaqueTokens } from './prompt-costs.ts';
import type { TokenTally } from './tally.ts';

/** The body a model would be invoked with, where that is what is to be counted; else null. */
export function invokedBody(request: JsonObject): JsonObject | null {
  const invoked = objectAt(objectAt(request, 'input') ?? {}, 'invokeModel');
  const body = invoked === null ? null : stringAt(invoked, 'body');
  return body === null ? null : parseObject(Buffer.from(body, 'base64').toString('utf8'));
}

/** Adds the Converse request that is to be counted; nothing where there is none. */
export function addConverse(request: JsonObject, tally: TokenTally, costs: PromptCosts): void {
  const converse = objectAt(objectAt(request, 'input') ?? {}, 'converse');
  if (converse === null) return;
  const system = arrayAt(converse, 'system');
  if (system.length > 0) tally.add(costs.message);
  for (const block of system) addBlock(block, tally, costs);
  for (const message of arrayAt(converse, 'messages')) {
    tally.add(costs.message);
    if (!isObject(message)) continue;
    tally.text(stringAt(message, 'role') ?? '');
    for (const block of arrayAt(message, 'content')) addBlock(block, tally, costs);
  }
  const tools = arrayAt(objectAt(converse, 'toolConfig') ?? {}, 'tools');
  if (tools.length > 0) tally.add(costs.tools);
  for (const tool of tools) {
    tally.add(costs.tool);
    tally.text(JSON.stringify(tool));
  }
}

function addBlock(block: Json, tally: TokenTally, costs: PromptCosts): void {
  if (!isObject(block)) return;
  const [kind = '', value] = Object.entries(block)[0] ?? [];
  if (kind === 'text' && typeof value === 'string') tally.text(value);
  if (!isObject(value)) return;
  switch (kind) {
    case 'image':
      tally.add(costs.image);
      break;
    case 'audio':
      tally.add(audioTokens(bytesOf(value)));
      break;
    case 'document':
    case 'video': {
      const text = stringAt(objectAt(value, 'source') ?? {}, 'text');
      if (text !== null) tally.text(text);
      else tally.add(documentTokens(bytesOf(value)));
      break;
    }
    case 'toolUse':
      tally.add(costs.toolCall);
      tally.text(stringAt(value, 'name') ?? '');
      tally.text(JSON.stringify(value['input'] ?? {}));
      break;
    case 'toolResult':
      tally.add(costs.toolCall);
      for (const inner of arrayAt(value, 'content')) addBlock(inner, tally, costs);
      break;
    case 'reasoningContent':
      tally.text(stringAt(objectAt(value, 'reasoningText') ?? {}, 'text') ?? '');
      tally.add(opaqueTokens(decodedBytes(value['redactedContent'])));
      break;
    case 'cachePoint':
      break;
    default:
      tally.text(JSON.stringify(value));
  }
}

/** Bytes of a medium that is sent along. */
function bytesOf(media: JsonObject): number {
  return decodedBytes(objectAt(media, 'source')?.['bytes']);
}
