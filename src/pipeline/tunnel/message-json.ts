// Messages of spoken conversations are JSON, as text or as bytes.
import { Buffer } from 'node:buffer';
import type { JsonObject } from '../../contracts/json.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';

export const textOf = (message: SocketMessage): string =>
  typeof message === 'string' ? message : message.toString('utf8');

/** As the other came: text or bytes. */
export function written(like: SocketMessage, event: JsonObject): SocketMessage {
  const text = JSON.stringify(event);
  return typeof like === 'string' ? text : Buffer.from(text);
}
