// Reads protocol buffers field by field, in place: for messages that are few and known, where a library's objects would cost more
// than what is in them. Fields that nobody asks for are passed over, as the format wants it.

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The bytes are not of the message they should be. */
export class ProtobufFault extends Error {
  constructor(why: string) {
    super(`not the message it should be: ${why}`);
    this.name = 'ProtobufFault';
  }
}

/**
 * One message: `while (reader.next()) switch (reader.field) …`. What is not read of a field is skipped by the next `next`. Methods
 * that read throw a ProtobufFault where the field is of another kind or ends too early.
 */
export class ProtobufReader {
  /** Number of the field that is being read. */
  field = 0;
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #type = -1;

  constructor(bytes: Buffer, from = 0, to = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  /** @returns false at the end. */
  next(): boolean {
    if (this.#type >= 0) this.#skip();
    if (this.#at >= this.#end) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#type = tag % 8;
    if (this.field === 0) throw new ProtobufFault('a field has no number');
    return true;
  }

  /** A number >= 0; above 2^53 it is the nearest that there is. */
  uint(): number {
    this.#expect(VARINT);
    return this.#varint();
  }

  /** A number with a sign, as int32 and int64 have it. */
  int(): number {
    this.#expect(VARINT);
    const start = this.#at;
    const value = this.#varint();
    // Ten bytes are a negative number: its two's complement in 64 bits.
    return this.#at - start < 10 ? value : Number(BigInt.asIntN(64, this.#bigVarint(start)));
  }

  bool(): boolean {
    return this.uint() !== 0;
  }

  double(): number {
    this.#expect(FIXED64);
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#checked(8));
  }

  /** A view of the bytes. */
  bytes(): Buffer {
    this.#expect(BYTES);
    const length = this.#varint();
    this.#at += length;
    const start = this.#checked(length);
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  /** A message within. */
  message(): ProtobufReader {
    return new ProtobufReader(this.bytes());
  }

  /** Numbers of a repeated field, packed into one or each by itself: call it for each field of the number. */
  uints(into: number[]): void {
    if (this.#type === VARINT) {
      into.push(this.uint());
      return;
    }
    const packed = new ProtobufReader(this.bytes());
    while (packed.#at < packed.#end) into.push(packed.#varint());
  }

  /** As `uints`, for float (`bytes` 4) and double (8). */
  reals(into: number[], bytes: 4 | 8): void {
    const single = bytes === 4 ? FIXED32 : FIXED64;
    let packed: Buffer;
    if (this.#type === single) {
      this.#type = -1;
      this.#at += bytes;
      const start = this.#checked(bytes);
      packed = this.#bytes.subarray(start, this.#at);
    } else packed = this.bytes();
    if (packed.length % bytes !== 0) throw new ProtobufFault('numbers are cut');
    for (let at = 0; at < packed.length; at += bytes)
      into.push(bytes === 4 ? packed.readFloatLE(at) : packed.readDoubleLE(at));
  }

  #expect(type: number): void {
    if (this.#type !== type) throw new ProtobufFault(`field ${this.field} is of another kind`);
    this.#type = -1;
  }

  /** @returns where the last `length` bytes begin. */
  #checked(length: number): number {
    if (this.#at > this.#end) throw new ProtobufFault('it ends within a field');
    return this.#at - length;
  }

  #skip(): void {
    switch (this.#type) {
      case VARINT:
        this.#varint();
        break;
      case FIXED64:
        this.#at += 8;
        break;
      case BYTES: {
        const length = this.#varint();
        this.#at += length;
        break;
      }
      case FIXED32:
        this.#at += 4;
        break;
      default:
        throw new ProtobufFault(`field ${this.field} is of no kind there is`);
    }
    this.#checked(0);
    this.#type = -1;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (this.#at >= this.#end) throw new ProtobufFault('it ends within a number');
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new ProtobufFault('a number is too long');
  }

  #bigVarint(from: number): bigint {
    let value = 0n;
    for (let at = from, shift = 0n; at < this.#at; at++, shift += 7n)
      value |= BigInt(this.#bytes[at]! & 0x7f) << shift;
    return value;
  }
}
