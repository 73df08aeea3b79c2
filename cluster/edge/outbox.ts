// What the edge did without the centre, on disk until the centre has it: lines of JSON in one file, and beside it how far they were sent. A
// bounded file: what comes when it is full is counted and lost, and calls go on.
//
//   add() ──► events.jsonl ──send()──► centre says which it wants next ──► sent.json ──all sent──► both begin anew
import { appendFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { EDGE_LIMITS, type EdgeEvent } from '../../src/contracts/edge.ts';
import type { GateApi } from './centre/gate-api.ts';
import { readIfThere, replaceFile } from './setup/plain-file.ts';

const MAX_BYTES = 64 * 1024 * 1024;

interface Sent {
  /** Bytes of the file that the centre has. */
  readonly bytes: number;
  /** Place of the next event among all of this device. */
  readonly place: number;
}

export interface Outbox {
  /** Never throws. */
  add(event: EdgeEvent): void;
  /** Sends what waits, until all is sent. One at a time; @throws what the gate's API throws */
  send(api: Pick<GateApi, 'send'>): Promise<void>;
  /** Bytes that wait, and events that found no room since the start. */
  readonly waiting: { readonly bytes: number; readonly dropped: number };
}

/** @param folder of the edge */
export function createOutbox(folder: string, maxBytes = MAX_BYTES): Outbox {
  const file = path.join(folder, 'events.jsonl');
  const sentFile = path.join(folder, 'events-sent.json');
  let dropped = 0;
  let sending: Promise<void> | null = null;

  const size = (): number => {
    try {
      return statSync(file).size;
    } catch {
      return 0;
    }
  };
  /** Null: nothing was ever sent from this folder, or nobody knows any more. */
  function sent(): Sent | null {
    try {
      return JSON.parse(readIfThere(sentFile) ?? 'null') as Sent | null; // written below
    } catch {
      return null;
    }
  }
  const keep = (next: Sent): void => replaceFile(sentFile, JSON.stringify(next));

  async function sendAll(api: Pick<GateApi, 'send'>): Promise<void> {
    for (;;) {
      if (size() === 0) return;
      // A folder that is new, on a machine that may not be: the centre knows where it is.
      const at = sent() ?? { bytes: 0, place: await api.send(0, []) };
      const { lines, bytes } = readFrom(file, at.bytes);
      if (bytes === 0) {
        if (at.bytes >= size()) {
          rmSync(file, { force: true });
          keep({ bytes: 0, place: at.place });
        }
        return;
      }
      const events = lines.map(({ event }) => event);
      const place = events.length === 0 ? at.place : await api.send(at.place, events);
      const taken = place - at.place;
      // It took all of these, or has some from a time when it was not heard. Elsewhere altogether is a centre whose log was lost.
      if (taken === events.length) keep({ bytes: at.bytes + bytes, place });
      else if (taken > 0 && taken < events.length) keep({ bytes: at.bytes + lines[taken - 1]!.end, place });
      else keep({ bytes: at.bytes, place });
    }
  }

  return {
    add(event) {
      const line = `${JSON.stringify(event)}\n`;
      if (size() + Buffer.byteLength(line) > maxBytes) {
        dropped += 1;
        return;
      }
      try {
        appendFileSync(file, line, { mode: 0o600 });
      } catch {
        // The disk is full, or the folder is gone.
        dropped += 1;
      }
    },
    send(api) {
      sending ??= sendAll(api).finally(() => {
        sending = null;
      });
      return sending;
    },
    get waiting() {
      return { bytes: Math.max(0, size() - (sent()?.bytes ?? 0)), dropped };
    },
  };
}

interface Line {
  readonly event: EdgeEvent;
  /** Where it ends, counted from where was read. */
  readonly end: number;
}

/** Whole lines, as many as are sent at once. A line that is no event is passed over. */
function readFrom(file: string, from: number): { lines: Line[]; bytes: number } {
  let text: Buffer;
  try {
    text = readFileSync(file).subarray(from);
  } catch {
    return { lines: [], bytes: 0 };
  }
  const lines: Line[] = [];
  let at = 0;
  while (lines.length < EDGE_LIMITS.events) {
    const end = text.indexOf(0x0a, at);
    if (end === -1) break;
    try {
      // Written by `add`.
      lines.push({ event: JSON.parse(text.toString('utf8', at, end)) as EdgeEvent, end: end + 1 });
    } catch {
      // Half a line of a machine that went down, and another behind it.
    }
    at = end + 1;
  }
  return { lines, bytes: at };
}
