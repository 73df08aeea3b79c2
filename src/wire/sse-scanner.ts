// Cuts a byte stream into Server-Sent Events for both paths: raw byte ranges to pass on, decoded data to read.
// Pure. Linear in the bytes whatever their chunking: an unfinished block is kept as a list of chunks and joined once.
//
//   chunk ──► [ block ][ block ][ block ][ rest…      start/end index into batch.bytes; a block ends behind
//             start   end                  │          its blank line; every byte is covered, none twice
//   next chunk ◄───────────── carry ◄──────┘
//
// Of a batch: `event` is the last such field of the block, `data` its `data` lines joined by \n. `valid` is false where the
// block is not UTF-8, and `data` holds replacement characters; or where it has a line that may be what is left of an event:
// one that is no field in a block without data, or has JSON in it.
import { isAscii, isUtf8 } from 'node:buffer';
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

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const BOM = '\u00ef\u00bb\u00bf'; // its three bytes, read as Latin-1
/** The carry of a stream that is cut between events; nobody appends to it. */
const NO_CARRY: Buffer[] = [];
class Scanner implements EventScanner {
  readonly #max: number;
  readonly #room: EventRoom | null;
  /** Bytes taken from the room. */
  #taken = 0;

  /** The unfinished block, and what is known of it, so that a chunk without a block end needs no join. */
  #carry = NO_CARRY;
  #carried = 0;
  /** Its last line is empty so far: a line end now completes the block. */
  #lineEmpty = true;
  /** Its last byte was a CR: an LF now belongs to that line end. */
  #afterCr = false;
  /** It ends in the CR of a blank line and the stream writes CRLF: kept back so that the LF goes along with it. */
  #held = false;
  /** The block before it was completed by a CR: an LF in its first byte is the rest of that line end. */
  #skipLf = false;

  /** No block completed yet: a byte order mark may stand in front. */
  #first = true;
  /** The last line end was CRLF. */
  #crlf = false;
  /** Why no more is taken; null = it is. */
  #tooLarge: string | null = null;

  constructor(options: EventScannerOptions) {
    this.#max = options.maxEventBytes;
    this.#room = options.room ?? null;
  }

  get pendingBytes(): number {
    return this.#carried;
  }

  push(chunk: Buffer): EventBatch {
    this.#clear();
    if (chunk.length === 0) return batch;
    if (this.#carried === 0) {
      batch.bytes = chunk;
      this.#scan(chunk, chunk.toString('latin1'), false);
      return batch;
    }
    // Below 3 bytes a byte order mark may be cut in two: join and look.
    const look = (this.#first && this.#carried < 3) || this.#completes(chunk.toString('latin1'));
    this.#carry.push(chunk);
    this.#carried += chunk.length;
    if (look) {
      batch.bytes = this.#joined();
      this.#scan(batch.bytes, batch.bytes.toString('latin1'), false);
    } else if (this.#carried > this.#max) {
      this.#overflow();
    } else {
      this.#takeRoom();
    }
    return batch;
  }

  close(): void {
    this.#keep(NOTHING, 0, 0);
    this.#takeRoom();
  }

  flush(): EventBatch {
    this.#clear();
    const bytes = this.#joined();
    let text = bytes.toString('latin1');
    if (this.#bodyStart(text) < bytes.length) {
      batch.bytes = bytes;
      batch.unterminated = !this.#held;
      if (!this.#held) text += '\n\n'; // completes whatever was left
      this.#scan(bytes, text, true);
      batch.count = 1;
      batch.end[0] = bytes.length;
    }
    this.close();
    return batch;
  }

  #clear(): void {
    if (this.#tooLarge !== null) throw badStream(this.#tooLarge);
    clearBatch();
  }

  #joined(): Buffer {
    return this.#carry.length === 1 ? this.#carry[0]! : Buffer.concat(this.#carry, this.#carried);
  }

  /** Where the first line starts: behind the LF of a split CRLF or a byte order mark. */
  #bodyStart(text: string): number {
    if (this.#skipLf && text.charCodeAt(0) === LF) return 1;
    return this.#first && text.startsWith(BOM) ? 3 : 0;
  }

  /**
   * Reports every complete block and keeps the rest. `text` is bytes as Latin-1: offsets stay byte offsets, and a
   * string is searched by compiled code where Buffer.indexOf calls out (0.15 us an event, half of it the decode).
   */
  #scan(bytes: Buffer, text: string, final: boolean): void {
    const ascii = isAscii(bytes);
    // Block ends are ASCII: what is UTF-8 up to the last line end is UTF-8 in each block.
    const lastLine =
      ascii || final ? bytes.length : Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    const valid = ascii || isUtf8(bytes.subarray(0, lastLine));

    let start = 0; // of the block
    let line = this.#bodyStart(text);
    let event = '';
    let data: string | null = null;
    let stray: 0 | 1 | 2 = 0;
    let lf = -1; // next LF and CR at or behind `line`; text.length = none left
    let cr = -1;
    for (;;) {
      if (lf < line && (lf = text.indexOf('\n', line)) < 0) lf = text.length;
      if (cr < line && (cr = text.indexOf('\r', line)) < 0) cr = text.length;
      const stop = Math.min(lf, cr);
      if (stop === text.length) break;
      const blank = stop === line;
      const atEnd = cr + 1 === text.length && stop === cr;
      if (blank && atEnd && this.#crlf && !final) {
        this.#keep(bytes, start, line);
        this.#held = true;
        return;
      }
      const crlf = stop === cr && text.charCodeAt(stop + 1) === LF;
      const next = crlf ? stop + 2 : stop + 1;
      this.#crlf = crlf;

      if (blank) {
        if (next - start > this.#max && !final) {
          this.#overflow();
          return;
        }
        const whole = stray === 0 || (stray === 1 && data !== null);
        addEvent(event, data, start, next, whole && (valid || isUtf8(bytes.subarray(start, next))));
        this.#first = false;
        event = '';
        data = null;
        stray = 0;
        start = next;
        this.#skipLf = atEnd;
      } else if (isField(text, line, stop, 'data')) {
        const from = valueStart(text, line + 4, stop);
        const value = ascii ? text.slice(from, stop) : bytes.toString('utf8', from, stop);
        data = data === null ? value : `${data}\n${value}`;
      } else if (isField(text, line, stop, 'event')) {
        const from = valueStart(text, line + 5, stop);
        event = ascii ? text.slice(from, stop) : bytes.toString('utf8', from, stop);
        if (from === stop && stray === 0) stray = 1;
      } else if (stray < 2) {
        stray = Math.max(stray, straysBy(text, line, stop)) as typeof stray; // one of the two
      }
      line = next;
    }
    this.#keep(bytes, start, line);
    if (this.#carried > this.#max) this.#overflow();
    else this.#takeRoom();
  }

  /** Carries bytes from `start` on, whose last, unfinished line begins at `line`. */
  #keep(bytes: Buffer, start: number, line: number): void {
    const left = bytes.length - start;
    this.#carry = left > 0 ? [start === 0 ? bytes : bytes.subarray(start)] : NO_CARRY;
    this.#carried = left;
    this.#lineEmpty = line >= bytes.length;
    this.#afterCr = left > 0 && bytes[bytes.length - 1] === CR;
    this.#held = false;
  }

  /** Whether a block ends within the chunk that follows the carry; if not, remembers how the carry ends now. */
  #completes(text: string): boolean {
    if (this.#held) return true;
    let line = this.#afterCr && text.charCodeAt(0) === LF ? 1 : 0;
    let empty = this.#lineEmpty;
    let lf = -1;
    let cr = -1;
    for (;;) {
      if (lf < line && (lf = text.indexOf('\n', line)) < 0) lf = text.length;
      if (cr < line && (cr = text.indexOf('\r', line)) < 0) cr = text.length;
      const stop = Math.min(lf, cr);
      if (stop === text.length) break;
      if (stop === line && empty) return true;
      empty = true;
      line = stop === cr && text.charCodeAt(stop + 1) === LF ? stop + 2 : stop + 1;
    }
    this.#lineEmpty = empty && line === text.length;
    this.#afterCr = text.charCodeAt(text.length - 1) === CR;
    return false;
  }

  /** Takes from the room what the carry has grown by, or gives back. */
  #takeRoom(): void {
    const wanted = countedBytes(this.#carried);
    if (wanted === this.#taken || this.#room === null) return;
    if (this.#room.take(wanted - this.#taken)) this.#taken = wanted;
    else this.#overflow(NO_ROOM);
  }

  #overflow(message = eventTooLarge(this.#max)): void {
    this.#tooLarge = message;
    this.close();
    if (batch.count === 0) throw badStream(message);
  }
}

/** Whether the line [line, stop) is the field `name`: the name alone or followed by a colon. */
function isField(text: string, line: number, stop: number, name: 'data' | 'event' | 'id' | 'retry'): boolean {
  const behind = line + name.length;
  return text.startsWith(name, line) && (behind === stop || text.charCodeAt(behind) === COLON);
}

/**
 * Whether a line that readers pass over may be what is left of an event: 0 = no, it is a comment, `id` or `retry`; 1 = if
 * nothing else of the block is data; 2 = yes, it holds JSON.
 */
function straysBy(text: string, line: number, stop: number): 0 | 1 | 2 {
  if (isField(text, line, stop, 'id') || isField(text, line, stop, 'retry')) return 0;
  if (text.slice(line, stop).includes('{"')) return 2;
  return text.charCodeAt(line) === COLON ? 0 : 1;
}

/** Start of a field's value: behind the colon at `at` and one space. */
function valueStart(text: string, at: number, stop: number): number {
  if (at === stop) return stop;
  return text.charCodeAt(at + 1) === SPACE && at + 1 < stop ? at + 2 : at + 1;
}

/** A scanner for one stream. */
export function createSseScanner(options: EventScannerOptions): EventScanner {
  return new Scanner(options);
}
