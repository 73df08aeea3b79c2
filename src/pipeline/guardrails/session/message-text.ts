// What is left of a message of which something is not to be told.
import type { SocketMessage } from '../../../contracts/tunnel.ts';
import { parseObject } from '../../../dialects/lenient.ts';
import { textOf, written } from '../../tunnel/message-json.ts';
import type { SessionWords } from './words.ts';

/** What is told of a message of which nothing is to be told; null = nothing. */
export function leftOf(words: SessionWords, message: SocketMessage): SocketMessage | null {
  const event = parseObject(textOf(message));
  const left = event === null ? null : words.emptied(event);
  return left === null ? null : written(message, left);
}
