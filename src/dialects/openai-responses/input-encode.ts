// The neutral conversation as `input`: an item for each message, call, output and piece of reasoning, in order. System text
// is said the same way in every turn, so that the upstream's prompt cache finds the beginning it knows.
import type { ChatRequest, Part, TextPart, ToolResultPart, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { stringAt } from '../lenient.ts';
import { unsupported } from '../losses.ts';
import { at } from '../read.ts';
import { joinTurns, type Placed, placed, texts } from '../results-apart.ts';
import { customInput } from '../tool-memory.ts';
import { pairToolCalls } from '../tool-pairs.ts';
import { wireName } from '../wire-name.ts';
import { inputContent, inputText } from './parts-encode.ts';
import { writeReasoning } from './reasoning.ts';
import { nativeCustom } from './tools-encode.ts';

/** Writes `input`. @throws GatewayError GW_CLIENT_UNSUPPORTED for what no item can hold, or a call that stands alone. */
export function encodeInput(request: ChatRequest, scope: EncodeScope): JsonObject[] {
  const turns = pairToolCalls(request.turns, scope.target.capabilities.toolId, () =>
    scope.losses.adapt('messages[].content[].id'),
  );
  const items: JsonObject[] = [];
  const custom = nativeCustom(request, scope);
  const behind = systemParts(request).slice(holdsAll(request, scope) ? 0 : 1);
  if (behind.length > 0) items.push(systemMessage(behind, scope));
  joinTurns(turns).forEach((turn, index) => {
    const path = at('messages', index);
    if (turn.name !== null) scope.losses.drop(at(path, 'name'));
    if (turn.role === 'assistant') assistantItems(turn, path, scope, items);
    else if (turn.role === 'user') userItems(turn, path, scope, items);
    else items.push(systemMessage(texts(placed(turn, path)), scope));
  });
  return custom.size === 0 ? items : items.map((item) => asCustom(item, custom, items));
}

// A call of a custom tool and its output are items of their own kind.
function asCustom(item: JsonObject, custom: ReadonlySet<string>, items: readonly JsonObject[]): JsonObject {
  if (item['type'] === 'function_call' && custom.has(stringAt(item, 'name') ?? '')) {
    const { arguments: text, type: _, ...rest } = item;
    return { type: 'custom_tool_call', ...rest, input: customInput(String(text)) };
  }
  if (item['type'] !== 'function_call_output') return item;
  const call = items.find(
    (other) => other['type'] === 'function_call' && other['call_id'] === item['call_id'],
  );
  const isCustom = call !== undefined && custom.has(stringAt(call, 'name') ?? '');
  return isCustom ? { ...item, type: 'custom_tool_call_output' } : item;
}

/** `instructions`: the first text of the system prompt, the others follow as an item; null where an item holds it all. */
export function instructionsOf(request: ChatRequest, scope: EncodeScope): string | null {
  const [first] = request.system;
  if (first === undefined || holdsAll(request, scope)) return null;
  if (first.cache !== null) scope.losses.drop('system[0].cache_control');
  return first.text;
}

// Places that are marked for caching only an item can hold.
function holdsAll({ system }: ChatRequest, { target }: EncodeScope): boolean {
  return target.capabilities.cacheMarks === 'breakpoint' && system.some(({ cache }) => cache !== null);
}

function systemParts({ system }: ChatRequest): Placed<TextPart>[] {
  return system.map((part, index) => ({ part, path: at('system', index) }));
}

function systemMessage(parts: readonly Placed<TextPart>[], scope: EncodeScope): JsonObject {
  const { instructionsRole } = scope.target.capabilities;
  const role = instructionsRole === 'developer' ? 'developer' : 'system';
  return { type: 'message', role, content: inputText(parts, scope) };
}

function userItems(turn: Turn, path: string, scope: EncodeScope, items: JsonObject[]): void {
  const rest: Placed[] = [];
  let results = 0;
  for (const entry of placed(turn, path)) {
    if (entry.part.kind !== 'tool_result') rest.push(entry);
    else {
      items.push(outputItem(entry.part, entry.path, scope));
      results++;
    }
  }
  if (rest.length > 0 || results === 0) {
    items.push({ type: 'message', role: 'user', content: inputContent(rest, scope) });
  }
}

function outputItem(result: ToolResultPart, path: string, scope: EncodeScope): JsonObject {
  const content = result.content.map((part, index) => ({ part, path: at(at(path, 'content'), index) }));
  if (result.isError) {
    // There is no flag for it here; the model reads it.
    scope.losses.adapt(at(path, 'is_error'));
    const [first] = content;
    if (first?.part.kind === 'text')
      content[0] = { ...first, part: { ...first.part, text: `Error: ${first.part.text}` } };
    else content.unshift({ part: { kind: 'text', text: 'Error', cache: null }, path });
  }
  if (result.cache !== null) scope.losses.drop(at(path, 'cache_control'));
  return { type: 'function_call_output', call_id: result.callId, output: inputContent(content, scope) };
}

function assistantItems(turn: Turn, path: string, scope: EncodeScope, items: JsonObject[]): void {
  let content: JsonObject[] | null = null;
  const message = (): JsonObject[] => {
    if (content === null) {
      content = [];
      items.push({ type: 'message', role: 'assistant', content });
    }
    return content;
  };
  for (const { part, path: where } of placed(turn, path)) {
    const spoken = spokenPart(part, where, scope);
    if (spoken !== null) message().push(spoken);
    else if (part.kind === 'reasoning') {
      if (part.signature === null && part.redacted === null) scope.losses.adapt(where);
      else {
        content = null;
        items.push(writeReasoning(part, ''));
      }
    } else if (part.kind === 'tool_call') {
      content = null;
      if (part.cache !== null) scope.losses.drop(at(where, 'cache_control'));
      const name = wireName(part.name);
      items.push({ type: 'function_call', call_id: part.id, name, arguments: part.arguments });
    }
  }
  if (turn.parts.length === 0) message().push({ type: 'output_text', text: '' });
}

/** A part of an assistant's message; null where it is an item of its own. */
function spokenPart(part: Part, path: string, scope: EncodeScope): JsonObject | null {
  switch (part.kind) {
    case 'text':
      if (part.cache !== null) scope.losses.drop(at(path, 'cache_control'));
      return { type: 'output_text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'reasoning':
    case 'tool_call':
      return null;
    default:
      throw unsupported(path, `'${path}' (${part.kind}) cannot stand in an assistant's message.`);
  }
}
