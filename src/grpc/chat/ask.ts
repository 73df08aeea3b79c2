// What a request of Chat Completions asks of a model that takes text: everything it can be asked with, and a 400 for what it cannot.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { unsupported } from '../../dialects/losses.ts';
import { asArray, asObject, at, badRequest, isObject, isRawNumber } from '../../dialects/read.ts';

export interface AskMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
}

export interface ChatAsk {
  readonly id: string;
  readonly model: string;
  readonly messages: readonly AskMessage[];
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Seconds since 1970. */
  readonly nowS: number;
  /** Members of the request, as the client has them. */
  readonly body: JsonObject;
}

/** What is said otherwise by who takes it: places of the request that a mapping uses by itself. */
export type Takes = ReadonlySet<string>;

const NOTHING: Takes = new Set();

/** @throws GatewayError GW_CLIENT_UNSUPPORTED for what only others can do, unless it is among `takes`. */
export function readAsk(body: JsonObject, id: string, nowS: number, takes: Takes = NOTHING): ChatAsk {
  refuseOthers(body, takes);
  const options = body['stream_options'];
  return {
    id,
    model: typeof body['model'] === 'string' ? body['model'] : '',
    messages: asArray(body['messages'], 'messages').map((message, index) =>
      readMessage(message, at('messages', index)),
    ),
    stream: body['stream'] === true,
    includeUsage: isObject(options) && options['include_usage'] === true,
    nowS,
    body,
  };
}

function refuseOthers(body: JsonObject, takes: Takes): void {
  const { tools, n, response_format: format } = body;
  if (Array.isArray(tools) && tools.length > 0 && !takes.has('tools')) throw unsupported('tools');
  if (typeof n === 'number' && n > 1) throw unsupported('n');
  if (isObject(format) && format['type'] === 'json_schema' && !takes.has('response_format'))
    throw unsupported('response_format');
}

function readMessage(value: Json, path: string): AskMessage {
  const message = asObject(value, path);
  const { role, content, tool_calls: calls } = message;
  if (Array.isArray(calls) && calls.length > 0) throw unsupported(at(path, 'tool_calls'));
  const text = textOf(content, at(path, 'content'));
  switch (role) {
    case 'user':
    case 'assistant':
    case 'system':
      return { role, text };
    case 'developer':
      return { role: 'system', text };
    case 'tool':
    case 'function':
      throw unsupported(at(path, 'role'));
    default:
      throw badRequest(at(path, 'role'), `'${at(path, 'role')}' is none of the roles there are.`);
  }
}

function textOf(content: Json | undefined, path: string): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  const parts = asArray(content, path).map((value, index) => {
    const part = asObject(value, at(path, index));
    const { type, text } = part;
    if ((type === 'text' || type === 'input_text') && typeof text === 'string') return text;
    throw unsupported(at(path, index), `The model takes text alone, and '${at(path, index)}' is none.`);
  });
  return parts.join('\n');
}

/** A number of the request, null where it has none. */
export function numberIn({ body }: ChatAsk, ...names: readonly string[]): number | null {
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'number') return value;
    if (isRawNumber(value)) return Number(value.rawJSON);
  }
  return null;
}

/** Most tokens that are wanted, by either of its names. */
export function maxTokensOf(ask: ChatAsk): number | null {
  return numberIn(ask, 'max_completion_tokens', 'max_tokens');
}

/** Texts that end the answer. */
export function stopsOf({ body }: ChatAsk): string[] {
  const { stop } = body;
  if (typeof stop === 'string') return [stop];
  return Array.isArray(stop) ? stop.filter((text) => typeof text === 'string') : [];
}
