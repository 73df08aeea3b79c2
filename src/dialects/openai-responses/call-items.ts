// A tool call as the output item that the client's own tool asks for: of a function, a custom tool, one in a namespace, or a
// built-in one.
import type { JsonObject } from '../../contracts/json.ts';
import type { Remembered } from './remembered.ts';
import { type BuiltIn, builtInAction } from './tool-kinds.ts';

/** How a call of the model is told to the client. */
export interface CallShape {
  readonly kind: 'function_call' | 'custom_tool_call' | BuiltIn;
  /** Prefix of the item's id. */
  readonly prefix: string;
  readonly name: string;
  readonly namespace: string | null;
}

const PREFIXES: Readonly<Record<BuiltIn, string>> = { local_shell: 'lsh', shell: 'sh', apply_patch: 'apc' };

/** @param name as the model calls it. @param custom of a custom tool. */
export function callShape(name: string, custom: boolean, remembered: Remembered): CallShape {
  const builtIn = custom ? undefined : remembered.builtIns.find((known) => known === name);
  if (builtIn !== undefined) {
    return { kind: builtIn, prefix: PREFIXES[builtIn], name, namespace: null };
  }
  const { namespaces } = remembered;
  const [namespace, own] = Object.hasOwn(namespaces, name) ? namespaces[name]! : [null, name];
  return custom
    ? { kind: 'custom_tool_call', prefix: 'ctc', name: own, namespace }
    : { kind: 'function_call', prefix: 'fc', name: own, namespace };
}

/** The item. @param text arguments, or a custom tool's input: all of it, or '' while it begins. */
export function callItem(
  { kind, name, namespace }: CallShape,
  id: string,
  callId: string,
  text: string,
  status: 'in_progress' | 'completed' | 'incomplete',
): JsonObject {
  const place: JsonObject = namespace === null ? { name } : { name, namespace };
  switch (kind) {
    case 'function_call':
      return { id, type: kind, status, arguments: text, call_id: callId, ...place };
    case 'custom_tool_call':
      return { id, type: kind, status, call_id: callId, input: text, ...place };
    default:
      return { id, type: `${kind}_call`, status, call_id: callId, ...builtInAction(kind, text) };
  }
}
