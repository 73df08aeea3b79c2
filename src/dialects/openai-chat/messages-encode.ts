// The neutral conversation into `messages`. Tool results become messages of their own, directly behind the calls; what
// a tool message cannot hold (images, files) moves into the user message that follows.
import type { ChatRequest, TextPart, ToolResultPart, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { at } from '../read.ts';
import { pairToolCalls } from '../tool-pairs.ts';
import { wireName } from '../wire-name.ts';
import { type EncodeScope, type Placed, textContent, userContent } from './parts-encode.ts';
import { replayReasoning } from './replay.ts';

/** Writes `messages`. @throws GatewayError GW_CLIENT_UNSUPPORTED for a tool call or result that stands alone. */
export function encodeMessages(request: ChatRequest, scope: EncodeScope): JsonObject[] {
  const turns = pairToolCalls(request.turns, scope.target.capabilities.toolId, () =>
    scope.losses.adapt('messages[].content[].id'),
  );
  const messages: JsonObject[] = [];
  if (request.system.length > 0) {
    const parts = request.system.map((part, index) => ({ part, path: at('system', index) }));
    messages.push({ role: 'system', content: textContent(parts, scope) });
  }
  joinTurns(turns).forEach((turn, index) => {
    const path = at('messages', index);
    if (turn.role === 'assistant') messages.push(assistantMessage(turn, path, scope));
    else if (turn.role === 'user') messages.push(...userMessages(turn, path, scope));
    else
      messages.push(named({ role: 'system', content: textContent(texts(placed(turn, path)), scope) }, turn));
  });
  return messages;
}

// Anthropic merges neighbours of one role. Here it matters only around tools, where results must follow their calls.
function joinTurns(turns: readonly Turn[]): Turn[] {
  const joined: Turn[] = [];
  for (const turn of turns) {
    const last = joined.at(-1);
    const split =
      last?.role === turn.role &&
      ((turn.role === 'assistant' && last.parts.some((part) => part.kind === 'tool_call')) ||
        (turn.role === 'user' && turn.parts.some((part) => part.kind === 'tool_result')));
    if (last !== undefined && split)
      joined[joined.length - 1] = { ...last, parts: [...last.parts, ...turn.parts] };
    else joined.push(turn);
  }
  return joined;
}

function placed(turn: Turn, path: string): Placed[] {
  return turn.parts.map((part, index) => ({ part, path: at(at(path, 'content'), index) }));
}

function texts(parts: readonly Placed[]): Placed<TextPart>[] {
  return parts.filter((entry): entry is Placed<TextPart> => entry.part.kind === 'text');
}

function named(message: JsonObject, turn: Turn): JsonObject {
  if (turn.name !== null) message['name'] = turn.name;
  return message;
}

function userMessages(turn: Turn, path: string, scope: EncodeScope): JsonObject[] {
  const parts = placed(turn, path);
  const messages: JsonObject[] = [];
  const moved: Placed[] = [];
  const rest: Placed[] = [];
  for (const entry of parts) {
    const { part } = entry;
    if (part.kind !== 'tool_result') rest.push(entry);
    else {
      // Results must follow their calls at once: what stood before this one now comes behind it.
      if (rest.length > 0) scope.losses.adapt(entry.path);
      messages.push(toolMessage(part, entry.path, moved, scope));
    }
  }
  const content = [...moved, ...rest];
  if (content.length > 0 || messages.length === 0) {
    messages.push(named({ role: 'user', content: userContent(content, scope) }, turn));
  }
  return messages;
}

function toolMessage(result: ToolResultPart, path: string, moved: Placed[], scope: EncodeScope): JsonObject {
  const written: Placed<TextPart>[] = [];
  let files = 0;
  result.content.forEach((part, index) => {
    const where = at(at(path, 'content'), index);
    if (part.kind === 'text') {
      written.push({ part, path: where });
      return;
    }
    scope.losses.adapt(where);
    files++;
    const name = `${part.kind} ${files} of the result of tool call ${result.callId}`;
    written.push({ part: plainText(`[${name}: see the next user message]`), path: where });
    moved.push({ part: plainText(`[${name}]`), path: where }, { part, path: where });
  });
  if (result.isError) {
    // There is no flag for it here; the model reads it.
    scope.losses.adapt(at(path, 'is_error'));
    const [first] = written;
    if (first === undefined) written.push({ part: plainText('Error'), path });
    else written[0] = { part: { ...first.part, text: `Error: ${first.part.text}` }, path: first.path };
  }
  if (result.cache !== null) scope.losses.drop(at(path, 'cache_control'));
  return { role: 'tool', tool_call_id: result.callId, content: textContent(written, scope) };
}

function plainText(text: string): TextPart {
  return { kind: 'text', text, cache: null };
}

function assistantMessage(turn: Turn, path: string, scope: EncodeScope): JsonObject {
  const parts = placed(turn, path);
  const message: JsonObject = { role: 'assistant', content: null };
  const said = texts(parts);
  const calls: JsonObject[] = [];
  const refusals: string[] = [];
  for (const { part, path: where } of parts) {
    if (part.kind === 'tool_call') {
      calls.push({
        id: part.id,
        type: 'function',
        function: { name: wireName(part.name), arguments: part.arguments },
      });
      if (part.cache !== null) scope.losses.drop(at(where, 'cache_control'));
    } else if (part.kind === 'text') {
      if (calls.length > 0) scope.losses.adapt(where); // calls always stand behind the text here
    } else if (part.kind === 'refusal') refusals.push(part.text);
    else if (part.kind !== 'reasoning') scope.losses.drop(where);
  }
  if (said.length > 0) message['content'] = textContent(said, scope);
  else if (calls.length === 0 && refusals.length === 0) message['content'] = '';
  if (refusals.length > 0) message['refusal'] = refusals.join('');
  if (!replayReasoning(turn.parts, scope.target.capabilities.reasoningReplay, message)) {
    for (const { part, path: where } of parts) if (part.kind === 'reasoning') scope.losses.adapt(where);
  }
  if (calls.length > 0) message['tool_calls'] = calls;
  return named(message, turn);
}
