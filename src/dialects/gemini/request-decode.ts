// A generateContent request into the neutral form. The model and whether the answer is streamed stand in the path.
import type { ChatRequest } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { choiceInWords } from '../json-in-words.ts';
import { saysSomething } from '../left-over.ts';
import { readArray } from '../read.ts';
import { decodeConfig } from './config-decode.ts';
import { decodeContents, decodeSystem } from './contents-decode.ts';
import type { Notes } from './notes.ts';
import { camel, respell, respellError } from './spelling.ts';
import { decodeToolChoice, decodeTools } from './tools-decode.ts';

const READ: ReadonlySet<string> = new Set([
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  // In the path, or the gateway's own.
  'model',
  'fallbacks',
]);

/** State kept by the provider, or rules that it keeps to: without them something else would be asked. */
const PROVIDER_OWN: ReadonlySet<string> = new Set(['cachedContent', 'continuationToken', 'modelArmorConfig']);

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the path of the first member that is missing or of a wrong type. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const spelling = { snake: false };
  try {
    return decode(camel(body, spelling), { dropped: [], mustNotDrop: [], adapted: [], spelling });
  } catch (error) {
    throw respellError(error, spelling);
  }
}

function decode(body: JsonObject, notes: Notes): ChatRequest {
  const system = decodeSystem(body['systemInstruction'], notes);
  const turns = decodeContents(body['contents'], notes);
  const tools = decodeTools(body, notes);
  const toolChoice = decodeToolChoice(body, notes);
  const { logprobs, oneOf, ...settings } = decodeConfig(body, notes);
  if (oneOf !== null) system.push({ kind: 'text', text: choiceInWords(oneOf), cache: null });
  readArray(body, 'safetySettings', '');
  for (const [key, value] of Object.entries(body)) {
    if (READ.has(key) || !saysSomething(value)) continue;
    if (PROVIDER_OWN.has(key)) notes.mustNotDrop.push(key);
    else if (value !== false) notes.dropped.push(key);
  }
  const { spelling } = notes;
  const request: ChatRequest = {
    model: '',
    system,
    turns,
    tools,
    toolChoice,
    parallelToolCalls: null,
    ...settings,
    user: null,
    stream: false,
    includeUsage: true,
    dropped: respell(notes.dropped, spelling),
    mustNotDrop: respell(notes.mustNotDrop, spelling),
    adapted: respell(notes.adapted, spelling),
  };
  if (logprobs !== null) request.logprobs = logprobs;
  const { choices } = request;
  if (choices !== undefined) request.choices = { ...choices, field: respell([choices.field], spelling)[0]! };
  return request;
}
