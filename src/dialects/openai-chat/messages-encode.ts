// The neutral conversation into `messages`.
import type { ChatRequest, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { at } from '../read.ts';
import { joinTurns, placed, splitResults, texts } from '../results-apart.ts';
import { pairToolCalls } from '../tool-pairs.ts';
import { wireName } from '../wire-name.ts';
import { textContent, userContent } from './parts-encode.ts';
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

function named(message: JsonObject, turn: Turn): JsonObject {
  if (turn.name !== null) message['name'] = turn.name;
  return message;
}

function userMessages(turn: Turn, path: string, scope: EncodeScope): JsonObject[] {
  const { results, rest } = splitResults(turn, path, scope.losses);
  const messages = results.map(
    ({ result, text }): JsonObject => ({
      role: 'tool',
      tool_call_id: result.callId,
      content: textContent(text, scope),
    }),
  );
  if (rest.length > 0 || messages.length === 0) {
    messages.push(named({ role: 'user', content: userContent(rest, scope) }, turn));
  }
  return messages;
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
