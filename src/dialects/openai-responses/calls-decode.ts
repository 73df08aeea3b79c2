// Items that call a tool and items that tell its output, into neutral parts.
import { stringifyJson } from '../../body/lossless.ts';
import type { Part, ToolCallPart, ToolResultPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { readArguments } from '../argument-shape.ts';
import type { Notes } from '../notes.ts';
import { at, badRequest, needArray, needObject, needString, readString } from '../read.ts';
import { decodeContent, textPart } from './parts-decode.ts';
import { builtInArguments, builtInOf, namespaced } from './tool-kinds.ts';

/** A call; null when an item of this type is none. @throws GatewayError naming the field. */
export function decodeCall(type: string, item: JsonObject, path: string): ToolCallPart | null {
  const builtIn = type.endsWith('_call') ? builtInOf(type) : null;
  if (builtIn !== null) {
    needObject(item, builtIn === 'apply_patch' ? 'operation' : 'action', path);
    return callPart(callId(item, path), builtIn, builtInArguments(builtIn, item));
  }
  if (type !== 'function_call' && type !== 'custom_tool_call') return null;
  const name = needString(item, 'name', path);
  if (name === '')
    throw badRequest(at(path, 'name'), `Invalid value: '${at(path, 'name')}' must not be empty.`);
  const namespace = readString(item, 'namespace', path);
  const text =
    type === 'function_call'
      ? readArguments(item, 'arguments', path)
      : JSON.stringify({ input: needString(item, 'input', path) });
  return callPart(callId(item, path), namespace === null ? name : namespaced(namespace, name), text);
}

/** The output of a call; null when an item of this type is none. @throws GatewayError naming the field. */
export function decodeResult(
  type: string,
  item: JsonObject,
  path: string,
  notes: Notes,
): ToolResultPart | null {
  switch (type) {
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
      return resultPart(item, path, decodeContent(item['output'], at(path, 'output'), notes));
    case 'shell_call_output':
      return resultPart(item, path, [textPart(stringifyJson(needArray(item, 'output', path)))]);
    case 'apply_patch_call_output': {
      const status = needString(item, 'status', path);
      const text = readString(item, 'output', path) || status;
      return { ...resultPart(item, path, [textPart(text)]), isError: status === 'failed' };
    }
    default:
      return null;
  }
}

// Local shells name their call by `id` in the SDK's types, and by `call_id` on the wire.
function callId(item: JsonObject, path: string): string {
  const id = readString(item, 'call_id', path) ?? readString(item, 'id', path);
  if (id) return id;
  throw badRequest(
    at(path, 'call_id'),
    `Missing value: '${at(path, 'call_id')}' must be the id of a tool call.`,
  );
}

function callPart(id: string, name: string, text: string): ToolCallPart {
  return { kind: 'tool_call', id, name, arguments: text, cache: null };
}

function resultPart(item: JsonObject, path: string, content: Part[]): ToolResultPart {
  return { kind: 'tool_result', callId: callId(item, path), content, isError: false, cache: null };
}
