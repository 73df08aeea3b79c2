// The items of a Responses request as messages of Chat. Calls join the assistant's message before them.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { readArguments } from '../argument-shape.ts';
import { arrayAt, stringAt } from '../lenient.ts';
import { asObject, at, badRequest, isObject, needString, readString, wrongType } from '../read.ts';

/** `messages` for `instructions` and `input`. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the item. */
export function chatMessages(request: JsonObject): JsonObject[] {
  const messages: JsonObject[] = [];
  const instructions = readString(request, 'instructions', '');
  if (instructions) messages.push({ role: 'system', content: instructions });
  const { input } = request;
  if (typeof input === 'string') messages.push({ role: 'user', content: input });
  else if (!Array.isArray(input)) throw wrongType('input', 'a string or an array', input);
  else {
    input.forEach((item, index) => {
      add(asObject(item, at('input', index)), at('input', index), messages);
    });
  }
  return messages;
}

function add(item: JsonObject, path: string, messages: JsonObject[]): void {
  const type = readString(item, 'type', path) ?? 'message';
  switch (type) {
    case 'message':
      messages.push({ role: needString(item, 'role', path), content: content(item['content']) });
      return;
    case 'function_call': {
      const call = {
        name: needString(item, 'name', path),
        arguments: readArguments(item, 'arguments', path),
      };
      addCall({ id: needString(item, 'call_id', path), type: 'function', function: call }, messages);
      return;
    }
    case 'custom_tool_call': {
      const call = { name: needString(item, 'name', path), input: needString(item, 'input', path) };
      addCall({ id: needString(item, 'call_id', path), type: 'custom', custom: call }, messages);
      return;
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
      messages.push({
        role: 'tool',
        tool_call_id: needString(item, 'call_id', path),
        content: content(item['output']),
      });
      return;
    case 'reasoning': // only its maker reads it, and not here
      return;
    default:
      throw badRequest(
        at(path, 'type'),
        `Invalid value: '${type}' is no item that Chat Completions can hold.`,
      );
  }
}

function addCall(call: JsonObject, messages: JsonObject[]): void {
  const last = messages.at(-1);
  if (last?.['role'] !== 'assistant') messages.push({ role: 'assistant', content: null, tool_calls: [call] });
  else last['tool_calls'] = [...arrayAt(last, 'tool_calls'), call];
}

function content(value: Json | undefined): Json {
  return Array.isArray(value) ? value.map(part) : (value ?? '');
}

function part(value: Json): Json {
  if (!isObject(value)) return value;
  const { type, ...rest } = value;
  switch (type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: stringAt(value, 'text') ?? '' };
    case 'input_image': {
      const image: JsonObject = { url: stringAt(value, 'image_url') ?? '' };
      if (typeof value['detail'] === 'string') image['detail'] = value['detail'];
      return { type: 'image_url', image_url: image };
    }
    case 'input_file':
      return { type: 'file', file: rest };
    default:
      return value;
  }
}
