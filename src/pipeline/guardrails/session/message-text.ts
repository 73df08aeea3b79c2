// Messages of spoken conversations are JSON, as text or as bytes.
import type { JsonObject } from '../../../contracts/json.ts';
import type { SocketMessage } from '../../../contracts/tunnel.ts';
import { parseObject } from '../../../dialects/lenient.ts';
import type { SessionWords } from './words.ts';

export const textOf = (message: SocketMessage): string =>
  typeof message === 'string' ? message : message.toString('utf8');

/** As the other came: text or bytes. */
export function written(like: SocketMessage, event: JsonObject): SocketMessage {
  const text = JSON.stringify(event);
  return typeof like === 'string' ? text : Buffer.from(text);
}

/** What is told of a message of which nothing is to be told; null = nothing. */
export function leftOf(words: SessionWords, message: SocketMessage): SocketMessage | null {
  const event = parseObject(textOf(message));
  const left = event === null ? null : words.emptied(event);
  return left === null ? null : written(message, left);
}
