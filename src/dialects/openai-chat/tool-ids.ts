// Ids for tool calls that an upstream or an old client left without one.
import { createHash, randomUUID } from 'node:crypto';

/** A new id in OpenAI's spelling. Random, since ids must not repeat over the turns of a conversation. */
export function newToolCallId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

/** The id of an old client's `function_call`, which has none. Of what it says: the next turn must read the same. */
export function legacyToolCallId(name: string, text: string): string {
  return `call_${createHash('sha256').update(`${name}(${text})`).digest('hex').slice(0, 24)}`;
}
