// A request in Responses' shape on the route of Chat Completions, as Cursor's agent sends it: `input` and flat tools, while it
// reads answers of Chat. Said as Chat before anything else looks at it; what is nested already stays as it is.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { BodyFacts } from '../../contracts/body.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { asObject, at, badRequest, isObject, needString, readObject } from '../read.ts';
import { chatMessages } from './input-messages.ts';

/** Members that Chat has under another name, or nowhere. */
const MOVED: ReadonlySet<string> = new Set([
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'max_output_tokens',
  'text',
  'reasoning',
  'include',
  'truncation',
  'previous_response_id',
]);

/** The body as Chat has it; null when it is Chat's already. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function reshape(body: Buffer, facts: BodyFacts): Buffer | null {
  if (facts.conversation !== 'input') return null;
  // inspectBody takes nothing but an object.
  const request = parseLossless(body.toString('utf8'), facts.exoticNumbers) as JsonObject;
  return Buffer.from(stringifyJson(chatRequest(request)));
}

function chatRequest(request: JsonObject): JsonObject {
  if (stringAt(request, 'previous_response_id') !== null) {
    throw badRequest('previous_response_id', "Chat Completions keep no responses: send the whole 'input'.");
  }
  const chat: JsonObject = {};
  for (const [name, value] of Object.entries(request)) if (!MOVED.has(name)) chat[name] = value;
  chat['messages'] = chatMessages(request);
  if (Array.isArray(request['tools'])) {
    const tools = request['tools'].map((tool, index) => nested(tool, at('tools', index)));
    if (tools.length > 0) chat['tools'] = tools;
  }
  const choice = request['tool_choice'];
  if (choice !== undefined && choice !== null) chat['tool_choice'] = chosen(choice);
  const limit = request['max_output_tokens'];
  if (limit !== undefined) chat['max_completion_tokens'] = limit;
  const effort = stringAt(readObject(request, 'reasoning', '') ?? {}, 'effort');
  if (effort !== null) chat['reasoning_effort'] = effort;
  const text = readObject(request, 'text', '') ?? {};
  const verbosity = stringAt(text, 'verbosity');
  if (verbosity !== null) chat['verbosity'] = verbosity;
  const format = objectAt(text, 'format');
  if (format !== null) chat['response_format'] = responseFormat(format);
  return chat;
}

/** A tool with its definition under its type, where it stood beside it. */
function nested(item: Json, path: string): JsonObject {
  const tool = asObject(item, path);
  const type = needString(tool, 'type', path);
  if (objectAt(tool, type) !== null) return tool;
  const { type: _, ...rest } = tool;
  if (type === 'function') return { type, function: rest };
  if (type !== 'custom') return tool;
  const format = objectAt(rest, 'format');
  if (format?.['type'] !== 'grammar' || objectAt(format, 'grammar') !== null) return { type, custom: rest };
  const { type: kind, ...grammar } = format;
  return { type, custom: { ...rest, format: { type: kind, grammar } } as JsonObject };
}

function chosen(choice: Json): Json {
  if (!isObject(choice)) return choice;
  const type = stringAt(choice, 'type') ?? '';
  if (objectAt(choice, type) !== null) return choice;
  const { type: _, ...rest } = choice;
  if (type !== 'allowed_tools') return { type, [type]: rest };
  return { type, allowed_tools: { ...rest, tools: arrayAt(rest, 'tools').map(chosen) } };
}

function responseFormat(format: JsonObject): JsonObject {
  if (format['type'] !== 'json_schema' || objectAt(format, 'json_schema') !== null) return format;
  const { type, ...rest } = format;
  return { type, json_schema: rest } as JsonObject;
}
