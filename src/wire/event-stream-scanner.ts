// Cuts the bytes of Amazon's binary event stream into events. Both check sums of every frame are looked at: a frame with a
// wrong one is an entry that is not valid, and nothing behind it is read. Linear in the bytes whatever their chunking: the
// pieces of an unfinished frame are joined once, when its last byte is there.
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { EventBatch, EventScanner, EventScannerOptions } from '../contracts/framing.ts';
import type { EventRoom } from '../contracts/upstream.ts';
import {
  addEvent,
  badStream,
  batch,
  clearBatch,
  countedBytes,
  eventTooLarge,
  NO_ROOM,
  NOTHING,
} from './event-batch.ts';
import { CRC_BYTES, FRAME_BYTES, PRELUDE_BYTES } from './event-stream-frame.ts';
import { type FrameName, readFrameName } from './event-stream-headers.ts';

class Scanner implements EventScanner {
  readonly #max: number;
  readonly #room: EventRoom | null;
  /** Bytes taken from the room. */
  #taken = 0;
  /** The unfinished frame in pieces. */
  #carry: Buffer[] = [];
  #carried = 0;
  /** How many bytes have to be there before there is anything to read. */
  #needed = PRELUDE_BYTES;
  /** Why no more is taken; null = it is. */
  #fault: string | null = null;
  /** Headers of the frame before: hardly any two of a stream differ. */
  #headers = NOTHING;
  #name: FrameName = { event: '', message: null };

  constructor({ maxEventBytes, room }: EventScannerOptions) {
    this.#max = maxEventBytes;
    this.#room = room ?? null;
  }

  get pendingBytes(): number {
    return this.#carried;
  }

  push(chunk: Buffer): EventBatch {
    this.#clear();
    if (chunk.length === 0) return batch;
    if (this.#carried + chunk.length < this.#needed) {
      this.#carry.push(chunk);
      this.#carried += chunk.length;
      this.#takeRoom();
      return batch;
    }
    this.#carry.push(chunk);
    const bytes = this.#carry.length === 1 ? chunk : Buffer.concat(this.#carry);
    this.#scan(bytes);
    return batch;
  }

  flush(): EventBatch {
    this.#clear();
    if (this.#carried > 0) {
      batch.bytes = Buffer.concat(this.#carry);
      batch.unterminated = true;
      addEvent('', '', 0, batch.bytes.length, false);
    }
    this.close();
    return batch;
  }

  close(): void {
    this.#keep(NOTHING, 0);
    this.#takeRoom();
  }

  #scan(bytes: Buffer): void {
    batch.bytes = bytes;
    let at = 0;
    this.#needed = PRELUDE_BYTES;
    while (bytes.length - at >= PRELUDE_BYTES) {
      const total = bytes.readUInt32BE(at);
      const headers = bytes.readUInt32BE(at + 4);
      if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8) || total < FRAME_BYTES + headers) {
        // How long it is nobody knows: all that follows is part of the damage.
        this.#damaged(at);
        return;
      }
      if (total > this.#max) {
        this.#overflow(eventTooLarge(this.#max));
        return;
      }
      if (bytes.length - at < total) {
        this.#needed = total;
        break;
      }
      const crcAt = at + total - CRC_BYTES;
      const name =
        crc32(bytes.subarray(at, crcAt)) === bytes.readUInt32BE(crcAt)
          ? this.#nameOf(bytes, at + PRELUDE_BYTES, at + PRELUDE_BYTES + headers)
          : null;
      if (name === null) {
        this.#damaged(at);
        return;
      }
      const from = at + PRELUDE_BYTES + headers;
      const data = name.message === null ? bytes.toString('utf8', from, crcAt) : errorData(name.message);
      addEvent(name.event, data, at, at + total, isUtf8(bytes.subarray(from, crcAt)));
      at += total;
    }
    this.#keep(bytes, at);
    this.#takeRoom();
  }

  #nameOf(bytes: Buffer, start: number, end: number): FrameName | null {
    const known = this.#headers;
    const length = end - start;
    if (length > 0 && known.length === length && bytes.compare(known, 0, length, start, end) === 0)
      return this.#name;
    const name = readFrameName(bytes, start, end);
    if (name === null) return null;
    this.#headers = Buffer.from(bytes.subarray(start, end));
    this.#name = name;
    return name;
  }

  #damaged(at: number): void {
    addEvent('', '', at, batch.bytes.length, false);
    this.#fault = 'A frame of the stream is damaged.';
    this.close();
  }

  #clear(): void {
    if (this.#fault !== null) throw badStream(this.#fault);
    clearBatch();
  }

  #keep(bytes: Buffer, from: number): void {
    this.#carried = bytes.length - from;
    this.#carry = this.#carried > 0 ? [from === 0 ? bytes : bytes.subarray(from)] : [];
  }

  /** Takes from the room what the carry has grown by, or gives back. */
  #takeRoom(): void {
    const wanted = countedBytes(this.#carried);
    if (wanted === this.#taken || this.#room === null) return;
    if (this.#room.take(wanted - this.#taken)) this.#taken = wanted;
    else this.#overflow(NO_ROOM);
  }

  #overflow(message: string): void {
    this.#fault = message;
    this.close();
    if (batch.count === 0) throw badStream(message);
  }
}

/** What an exception would say in its payload. */
function errorData(message: string): string {
  return JSON.stringify({ message });
}

/** A scanner for one stream. */
export function createEventStreamScanner(options: EventScannerOptions): EventScanner {
  return new Scanner(options);
}
