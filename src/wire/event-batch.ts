// What the scanners of all framings share: the one batch they fill, and how much of an unfinished event is counted.
import { GatewayError } from '../contracts/errors.ts';
import type { EventBatch } from '../contracts/framing.ts';

export const NO_ROOM = 'Too many large events of streams are on their way at once.';
export const NOTHING = Buffer.alloc(0);
/** Unfinished events up to this size are not counted: hardly a stream has a larger one. */
const UNCOUNTED_BYTES = 64 * 1024;
/** Columns longer than this are dropped instead of reused, so a burst does not pin its strings. */
const KEEP_COLUMNS = 64;

/** One for all: with six objects of its own each of thousands of streams would find none of them in the cache. */
export const batch: EventBatch = {
  bytes: NOTHING,
  count: 0,
  event: [],
  data: [],
  start: [],
  end: [],
  valid: [],
  unterminated: false,
};

/** Before each push and flush. */
export function clearBatch(): void {
  batch.bytes = NOTHING;
  batch.count = 0;
  batch.unterminated = false;
  if (batch.data.length > KEEP_COLUMNS) {
    for (const column of [batch.event, batch.data, batch.start, batch.end, batch.valid]) column.length = 0;
  }
}

export function addEvent(
  event: string,
  data: string | null,
  start: number,
  end: number,
  valid: boolean,
): void {
  const n = batch.count++;
  batch.event[n] = event;
  batch.data[n] = data;
  batch.start[n] = start;
  batch.end[n] = end;
  batch.valid[n] = valid;
}

/** Bytes of the room that an unfinished event of so many takes. */
export function countedBytes(carried: number): number {
  return carried > UNCOUNTED_BYTES ? carried : 0;
}

export function eventTooLarge(maxBytes: number): string {
  return `The provider sent an event of more than ${maxBytes} bytes.`;
}

/** Why no more of a stream is taken. */
export function badStream(message: string): GatewayError {
  return new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { message });
}
