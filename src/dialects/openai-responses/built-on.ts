// What a response goes on from, in the bytes of an upstream that was not told: the gateway put the turns before it in front, and the
// upstream, which keeps nothing, says that there was nothing. Clients read there which turn is before which.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { BuiltOn } from '../../contracts/responses.ts';
import { isObject } from '../read.ts';

/** The events that hold the whole response. */
const WITH_RESPONSE: ReadonlySet<string> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.completed',
  'response.incomplete',
  'response.failed',
]);

/** An event's data with what its response goes on from; null = it says so by itself, or holds no response. */
export function eventBuiltOn(type: string, data: string, what: BuiltOn): string | null {
  if (!WITH_RESPONSE.has(type)) return null;
  const event = parseLossless(data, true);
  return isObject(event) && isObject(event['response']) && name(event['response'], what)
    ? stringifyJson(event)
    : null;
}

/** As `eventBuiltOn`, of a whole answer. */
export function answerBuiltOn(body: Buffer, what: BuiltOn): string | null {
  const response = parseLossless(body.toString('utf8'), true);
  return isObject(response) && name(response, what) ? stringifyJson(response) : null;
}

/** @returns whether anything was missing. */
function name(response: JsonObject, { previous, conversation }: BuiltOn): boolean {
  const unsaid = (member: string): boolean => (response[member] ?? null) === null;
  const namesPrevious = previous !== null && unsaid('previous_response_id');
  const namesConversation = conversation !== null && unsaid('conversation');
  if (namesPrevious) response['previous_response_id'] = previous;
  if (namesConversation) response['conversation'] = { id: conversation };
  return namesPrevious || namesConversation;
}
