// Neutral turns as `contents`: user and model in turn, all results of one model turn first in the one user turn behind it, in
// the order of the calls.
import type { Part, ToolResultPart, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { pairToolCalls } from '../tool-pairs.ts';
import { encodeModelParts, encodeResult, encodeUserParts } from './parts-encode.ts';
import { wireName } from './wire-name.ts';

interface Content {
  role: 'user' | 'model';
  parts: Part[];
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED for a call without its result, a result without its call, and media. */
export function encodeContents(turns: readonly Turn[], scope: EncodeScope): JsonObject[] {
  const { losses } = scope;
  const paired = pairToolCalls(turns, scope.target.capabilities.toolId, () =>
    losses.adapt('messages[].tool_call_id'),
  );
  const contents: Content[] = [];
  for (const { role, parts, name } of paired) {
    if (name !== null) losses.drop('messages[].name');
    if (role === 'assistant') append(contentOf(contents, 'model').parts, parts);
    else if (role === 'user') append(contentOf(contents, 'user').parts, parts);
    else {
      losses.adapt('messages[].role');
      const marked = parts.map((part) =>
        part.kind === 'text' && part.text !== '' ? { ...part, text: `<system>${part.text}</system>` } : part,
      );
      append(contentOf(contents, 'user').parts, marked);
    }
  }
  const written: JsonObject[] = [];
  /** Names of the calls of the turn before, in order, by id. */
  let calls = new Map<string, string>();
  for (const { role, parts } of contents) {
    const said = role === 'model' ? encodeModelParts(parts, scope) : userParts(parts, calls, scope);
    calls = new Map();
    for (const part of parts) if (part.kind === 'tool_call') calls.set(part.id, wireName(part.name));
    // A turn that held nothing but empty text.
    if (said.length > 0) add(written, role, said);
  }
  return written;
}

function contentOf(contents: Content[], role: Content['role']): Content {
  const last = contents.at(-1);
  if (last?.role === role) return last;
  const content: Content = { role, parts: [] };
  contents.push(content);
  return content;
}

function add(written: JsonObject[], role: string, parts: JsonObject[]): void {
  const last = written.at(-1);
  if (last?.['role'] !== role) written.push({ role, parts });
  else append(last['parts'] as JsonObject[], parts); // as written below
}

// Not push(...more): a client may send more parts than a call takes arguments.
function append<T>(list: T[], more: readonly T[]): void {
  for (const item of more) list.push(item);
}

function userParts(
  parts: readonly Part[],
  calls: ReadonlyMap<string, string>,
  scope: EncodeScope,
): JsonObject[] {
  const results: ToolResultPart[] = [];
  const rest: Part[] = [];
  for (const part of parts) {
    if (part.kind === 'tool_result') results.push(part);
    else rest.push(part);
  }
  if (results.length > 1) {
    const order = [...calls.keys()];
    results.sort((a, b) => order.indexOf(a.callId) - order.indexOf(b.callId));
  }
  const behind: JsonObject[] = [];
  const written = results.map((result) =>
    encodeResult(result, calls.get(result.callId) ?? '', scope, behind),
  );
  return [...written, ...behind, ...encodeUserParts(rest, scope)];
}
