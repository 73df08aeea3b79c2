// Writes protocol buffers (proto3) field by field. What is nested is written in place and its length put in front behind it:
// a length takes one to five bytes, known only at the end, so one is kept free and the rest moved where that was too few.

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const FIRST_BYTES = 4_096;

/** Grows as it is written; `take` hands the bytes over and begins anew. */
export class ProtobufWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(bytes = FIRST_BYTES) {
    this.#bytes = Buffer.allocUnsafe(bytes);
  }

  get length(): number {
    return this.#at;
  }

  /**
   * A whole number from 0 up to 2^53; 0 is written too, since it may be one of a `oneof`. What lies beyond, as others may have told it, is the
   * nearest of these: its bytes would be none of a number, and nobody could read what is written beside it.
   */
  uint(field: number, value: number): void {
    this.#room(16);
    this.#tag(field, VARINT);
    this.#varint(value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0);
  }

  /** A whole number that may be negative, as int32 and int64 have it. */
  int(field: number, value: number): void {
    if (value >= 0) {
      this.uint(field, value);
      return;
    }
    this.#room(16);
    this.#tag(field, VARINT);
    this.#negative(value);
  }

  float(field: number, value: number): void {
    this.#room(16);
    this.#tag(field, FIXED32);
    this.#at = this.#bytes.writeFloatLE(value, this.#at);
  }

  bool(field: number, value: boolean): void {
    this.uint(field, value ? 1 : 0);
  }

  double(field: number, value: number): void {
    this.#room(16);
    this.#tag(field, FIXED64);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  fixed64(field: number, value: bigint): void {
    this.#room(16);
    this.#tag(field, FIXED64);
    this.#at = this.#bytes.writeBigUInt64LE(value, this.#at);
  }

  text(field: number, value: string): void {
    // A unit of UTF-16 takes three bytes of UTF-8 at most.
    this.#room(16 + value.length * 3);
    const start = this.#open(field);
    this.#at += this.#bytes.write(value, this.#at);
    this.#close(start);
  }

  /** @param hex an even number of digits. */
  hex(field: number, hex: string): void {
    this.#room(16 + hex.length / 2);
    this.#tag(field, BYTES);
    this.#varint(hex.length / 2);
    this.#at += this.#bytes.write(hex, this.#at, 'hex');
  }

  bytes(field: number, value: Uint8Array): void {
    this.#room(16 + value.length);
    this.#tag(field, BYTES);
    this.#varint(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** Packed, as proto3 has them. */
  packedFixed64(field: number, values: ArrayLike<number>): void {
    this.#room(16 + values.length * 8);
    this.#tag(field, BYTES);
    this.#varint(values.length * 8);
    for (let i = 0; i < values.length; i++)
      this.#at = this.#bytes.writeBigUInt64LE(BigInt(values[i]!), this.#at);
  }

  packedDouble(field: number, values: ArrayLike<number>): void {
    this.#room(16 + values.length * 8);
    this.#tag(field, BYTES);
    this.#varint(values.length * 8);
    for (let i = 0; i < values.length; i++) this.#at = this.#bytes.writeDoubleLE(values[i]!, this.#at);
  }

  packedFloat(field: number, values: ArrayLike<number>): void {
    this.#room(16 + values.length * 4);
    this.#tag(field, BYTES);
    this.#varint(values.length * 4);
    for (let i = 0; i < values.length; i++) this.#at = this.#bytes.writeFloatLE(values[i]!, this.#at);
  }

  /** Of whole numbers, also negative ones. */
  packedInt(field: number, values: ArrayLike<number>): void {
    this.#room(16 + values.length * 10);
    const start = this.#open(field);
    for (let i = 0; i < values.length; i++) {
      if (values[i]! >= 0) this.#varint(values[i]!);
      else this.#negative(values[i]!);
    }
    this.#close(start);
  }

  /** Begins a nested message. @returns what `end` wants. */
  begin(field: number): number {
    this.#room(16);
    return this.#open(field);
  }

  end(start: number): void {
    this.#room(8);
    this.#close(start);
  }

  /** What was written, as a copy; the writer is empty. */
  take(): Buffer {
    const whole = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return whole;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }

  #open(field: number): number {
    this.#tag(field, BYTES);
    this.#at++;
    return this.#at;
  }

  #close(start: number): void {
    const length = this.#at - start;
    const more = lengthBytes(length) - 1;
    if (more > 0) this.#bytes.copyWithin(start + more, start, this.#at);
    this.#at = start - 1;
    this.#varint(length);
    this.#at = start + more + length;
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  /** Two's complement in 64 bits: ten bytes. */
  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  #varint(value: number): void {
    let rest = value;
    // Bit operators end at 32 bits, and counts do not.
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }
}

function lengthBytes(length: number): number {
  let bytes = 1;
  for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
