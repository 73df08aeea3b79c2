// What a response goes on from, in the bytes of an upstream that was not told: the gateway put the turns before it in front, and the
// upstream, which keeps nothing, says that there was nothing. Clients read there which turn is before which.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { KeptTurn } from '../../contracts/responses.ts';
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

/** Whether there is anything before the turn. */
export function buildsOn(kept: KeptTurn | null | undefined): kept is KeptTurn {
  return kept !== null && kept !== undefined && (kept.previous !== null || kept.conversation !== null);
}

/** An event's data with what its response goes on from; null = it says so by itself, or holds no response. */
export function eventBuiltOn(type: string, data: string, kept: KeptTurn): string | null {
  if (!WITH_RESPONSE.has(type)) return null;
  const event = parseLossless(data, true);
  return isObject(event) && isObject(event['response']) && name(event['response'], kept)
    ? stringifyJson(event)
    : null;
}

/** As `eventBuiltOn`, of a whole answer. */
export function answerBuiltOn(body: Buffer, kept: KeptTurn): string | null {
  const response = parseLossless(body.toString('utf8'), true);
  return isObject(response) && name(response, kept) ? stringifyJson(response) : null;
}

/** @returns whether anything was missing. */
function name(response: JsonObject, { previous, conversation }: KeptTurn): boolean {
  const unsaid = (member: string): boolean => (response[member] ?? null) === null;
  const namesPrevious = previous !== null && unsaid('previous_response_id');
  const namesConversation = conversation !== null && unsaid('conversation');
  if (namesPrevious) response['previous_response_id'] = previous;
  if (namesConversation) response['conversation'] = { id: conversation };
  return namesPrevious || namesConversation;
}
