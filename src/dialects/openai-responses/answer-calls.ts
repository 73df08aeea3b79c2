// Tool calls in an answer of an upstream, whole.
import type { ToolCallPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { argumentsOf } from '../argument-shape.ts';
import { badOutput } from '../bad-output.ts';
import { stringAt } from '../lenient.ts';
import { newToolCallId } from '../openai-chat/tool-ids.ts';
import { isCall } from './stream-facts.ts';
import { builtInArguments, builtInOf, namespaced } from './tool-kinds.ts';

export const CUSTOM_CALL = 'custom_tool_call';

/** The call an output item is; null when it is none. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: it has no name. */
export function readCall(item: JsonObject): ToolCallPart | null {
  const type = stringAt(item, 'type') ?? '';
  if (!isCall(type)) return null;
  const { id, name } = callNames(item);
  return {
    kind: 'tool_call',
    id,
    name,
    arguments: callArguments(item),
    cache: null,
    ...(type === CUSTOM_CALL && { custom: true }),
  };
}

/** Id and name of a call, as soon as its item is there. @throws GatewayError as readCall. */
export function callNames(item: JsonObject): { id: string; name: string } {
  const id = stringAt(item, 'call_id') || stringAt(item, 'id') || newToolCallId();
  const builtIn = builtInOf(stringAt(item, 'type') ?? '');
  if (builtIn !== null) return { id, name: builtIn };
  const name = stringAt(item, 'name');
  if (!name) throw badOutput('A tool call has no name.');
  const namespace = stringAt(item, 'namespace');
  return { id, name: namespace === null ? name : namespaced(namespace, name) };
}

/** What a whole item is called with: the text of a JSON object, or what a custom tool is told. */
export function callArguments(item: JsonObject): string {
  const type = stringAt(item, 'type') ?? '';
  const builtIn = builtInOf(type);
  if (builtIn !== null) return builtInArguments(builtIn, item);
  if (type === CUSTOM_CALL) return stringAt(item, 'input') ?? '';
  return argumentsOf(item['arguments']);
}
