// Memory for large stream events that have not arrived whole, shared by all streams of a worker: each may be as large as
// a picture, all of them together may not.
import type { EventRoom } from '../contracts/upstream.ts';

/** @param maxBytes for all together; a single event may be as large. */
export function createEventRoom(maxBytes: number): EventRoom {
  let used = 0;
  return {
    take(bytes) {
      if (bytes > 0 && used + bytes > maxBytes) return false;
      used += bytes;
      return true;
    },
    get usedBytes() {
      return used;
    },
  };
}
