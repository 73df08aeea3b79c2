// MessagePack, value by value into one block of memory: what a worker says of each call makes no list and no object on its way
// there. Read by `unpackValues` (ipc/codec.ts), which knows nothing of it.
import { Buffer } from 'node:buffer';

const FIRST_BYTES = 16 * 1024;
/** A larger block is left when it was taken. */
const KEPT_BYTES = 256 * 1024;
/** Most bytes that a value takes beside the characters of a text. */
const HEAD_BYTES = 9;

const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;
const FLOAT_64 = 0xcb;
const UINT_8 = 0xcc;
const UINT_16 = 0xcd;
const UINT_32 = 0xce;
const TEXT_8 = 0xd9;
const TEXT_32 = 0xdb;
const LIST_16 = 0xdc;
const SHORT_TEXT = 0xa0;
const SHORT_LIST = 0x90;
/** Characters of a text that is written one by one. */
const SHORT = 128;

export class Packer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#at;
  }

  /** So many values follow, at most 65,535. */
  list(count: number): void {
    this.#make(HEAD_BYTES);
    if (count < 16) this.#bytes[this.#at++] = SHORT_LIST | count;
    else {
      this.#bytes[this.#at] = LIST_16;
      this.#at = this.#bytes.writeUInt16BE(count, this.#at + 1);
    }
  }

  nothing(): void {
    this.#make(HEAD_BYTES);
    this.#bytes[this.#at++] = NIL;
  }

  flag(value: boolean): void {
    this.#make(HEAD_BYTES);
    this.#bytes[this.#at++] = value ? TRUE : FALSE;
  }

  /** Null = nothing. */
  number(value: number | null): void {
    this.#make(HEAD_BYTES);
    const bytes = this.#bytes;
    if (value === null) bytes[this.#at++] = NIL;
    else if (value >>> 0 !== value) {
      bytes[this.#at] = FLOAT_64;
      this.#at = bytes.writeDoubleBE(value, this.#at + 1);
    } else if (value < 0x80) bytes[this.#at++] = value;
    else if (value <= 0xff) {
      bytes[this.#at++] = UINT_8;
      bytes[this.#at++] = value;
    } else if (value <= 0xffff) {
      bytes[this.#at++] = UINT_16;
      bytes[this.#at++] = value >> 8;
      bytes[this.#at++] = value;
    } else {
      bytes[this.#at++] = UINT_32;
      bytes[this.#at++] = value >> 24;
      bytes[this.#at++] = value >> 16;
      bytes[this.#at++] = value >> 8;
      bytes[this.#at++] = value;
    }
  }

  /** Null = nothing. */
  text(value: string | null): void {
    if (value === null) {
      this.nothing();
      return;
    }
    const { length } = value;
    // A character takes three bytes at most, two of them four.
    this.#make(HEAD_BYTES + 3 * length);
    if (length <= SHORT && this.#ascii(value)) return;
    const bytes = this.#bytes;
    const size = bytes.write(value, this.#at + 5, 'utf8');
    bytes[this.#at] = TEXT_32;
    bytes.writeUInt32BE(size, this.#at + 1);
    this.#at += 5 + size;
  }

  /** All so far, to be read before anything else is packed. */
  all(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Takes back what came behind so many bytes. */
  cut(length: number): void {
    this.#at = length;
  }

  clear(): void {
    this.#at = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Nearly all texts: no call for them. @returns false when it is another one; nothing is packed then. */
  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    const { length } = value;
    const from = at + (length < 32 ? 1 : 2);
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[from + i] = code;
    }
    bytes[at] = length < 32 ? SHORT_TEXT | length : TEXT_8;
    if (length >= 32) bytes[at + 1] = length;
    this.#at = from + length;
    return true;
  }

  #make(room: number): void {
    if (this.#at + room <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * this.#bytes.length + room);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
