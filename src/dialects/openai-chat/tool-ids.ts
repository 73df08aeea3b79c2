// Ids for tool calls that an upstream or an old client left without one.
import { randomUUID } from 'node:crypto';

/** A new id in OpenAI's spelling. Random, since ids must not repeat over the turns of a conversation. */
export function newToolCallId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}
