// The codec of an answer that is told in events.
import { type ChatCodec, codecOf, type Dialect } from '../../contracts/dialect.ts';
import type { OperationName } from '../../contracts/operation.ts';

/**
 * A dialect's side of an operation whose record says `deltas`: its codec has all of a chat's, since it shares its neutral form. Of
 * one that says `events` only the members of an EventCodec may be used.
 */
export function turnOf(dialect: Dialect, operation: OperationName): ChatCodec {
  return codecOf(dialect, operation) as ChatCodec;
}
