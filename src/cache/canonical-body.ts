// A JSON body written the one way that all of its spellings share: no white space, members in one order of their keys,
// strings with the escapes they need and no others, numbers by their value. Walks over bytes that body/inspect has validated, and
// builds no objects of them: 1 KB takes about as long as its SHA-256 (bench/micro/cache.ts).

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Up to here a loop copies faster than a call into C++. */
const SHORT_BYTES = 24;
/** The buffer that is written into is kept between bodies up to this size. */
const KEPT_BYTES = 1 << 20;

/** 1 = JSON.stringify writes this escape, too. */
const LEAST_ESCAPE = new Uint8Array(256);
for (const byte of Buffer.from('"\\bfnrt')) LEAST_ESCAPE[byte] = 1;

/** Numbers that stand for a written member: where its key begins and ends, and where it ends itself. */
const MARKS = 3;

/** Writes texts and values one behind the other. One at a time: what is written is to be read before the next `begin`. */
export class CanonicalBody {
  #out = Buffer.allocUnsafeSlow(16_384);
  #length = 0;
  #body: Buffer = this.#out;
  /** The next backslash of the body at or behind the cursor; the body's length when there is none. */
  #escapeAt = 0;
  #at = 0;
  /** Of the members of all objects that are being written, the innermost one's last. */
  readonly #marks: number[] = [];
  /** What an object was written as, while its members change places. */
  #aside = Buffer.allocUnsafeSlow(4_096);

  /** What was written since `begin`. */
  get bytes(): Buffer {
    return this.#out.subarray(0, this.#length);
  }

  begin(): void {
    this.#length = 0;
    if (this.#out.length > KEPT_BYTES) this.#out = Buffer.allocUnsafeSlow(16_384);
  }

  text(text: string): void {
    this.#room(3 * text.length);
    this.#length += this.#out.write(text, this.#length);
  }

  /**
   * The members of an object.
   *
   * @param body that body/inspect took. @param members of it, four offsets each (BodyFacts.members).
   * @param skips whether a member is left out, by the place of its key without quotes.
   */
  members(
    body: Buffer,
    members: readonly number[],
    skips: (body: Buffer, from: number, to: number) => boolean,
  ): void {
    this.#body = body;
    // No string of a body that is written anew is longer than it was, but for spelled-out control characters.
    this.#room(2 * body.length + 64);
    this.#escapeAt = -1;
    this.#put(0x7b);
    this.#marks.length = 0;
    for (let at = 0; at < members.length; at += 4) {
      const keyAt = members[at]!;
      if (skips(body, keyAt + 1, members[at + 1]! - 1)) continue;
      this.#at = keyAt;
      this.#member(members[at + 2]!);
    }
    this.#sort(0);
    this.#put(0x7d);
  }

  #member(valueAt: number): void {
    const keyAt = this.#length;
    this.#string();
    const keyEnd = this.#length;
    this.#put(0x3a);
    if (valueAt >= 0) this.#at = valueAt;
    else {
      this.#skip();
      this.#at++; // the colon
      this.#skip();
    }
    this.#value();
    this.#put(0x2c);
    this.#marks.push(keyAt, keyEnd, this.#length);
  }

  #value(): void {
    const byte = this.#body[this.#at]!;
    if (byte === QUOTE) this.#string();
    else if (byte === 0x7b) this.#object();
    else if (byte === 0x5b) this.#array();
    else if (byte === 0x74 || byte === 0x6e) this.#copy(this.#at, (this.#at += 4));
    else if (byte === 0x66) this.#copy(this.#at, (this.#at += 5));
    else this.#number();
  }

  #object(): void {
    this.#put(0x7b);
    const from = this.#marks.length;
    this.#at++;
    while (this.#skip() !== 0x7d) {
      if (this.#body[this.#at] === 0x2c) {
        this.#at++;
        this.#skip();
      }
      this.#member(-1);
    }
    this.#at++;
    this.#sort(from);
    this.#put(0x7d);
  }

  #array(): void {
    this.#put(0x5b);
    this.#at++;
    while (this.#skip() !== 0x5d) {
      if (this.#body[this.#at] === 0x2c) {
        this.#at++;
        this.#skip();
      }
      this.#value();
      this.#put(0x2c);
    }
    this.#at++;
    this.#put(0x5d);
  }

  /** The first byte that is no white space; the cursor stands on it. */
  #skip(): number {
    const body = this.#body;
    let at = this.#at;
    while (body[at]! <= 0x20) at++;
    this.#at = at;
    return body[at]!;
  }

  #string(): void {
    const body = this.#body;
    const from = this.#at;
    let end = this.#quoteFrom(from + 1);
    if (this.#escapeFrom(from) > end) {
      this.#at = end + 1;
      this.#copy(from, end + 1);
      return;
    }
    let least = true;
    // Behind each escape the next quote may be the string's own.
    for (let at = this.#escapeFrom(from); at < end; at = this.#escapeFrom(at + 2)) {
      least &&= LEAST_ESCAPE[body[at + 1]!] === 1;
      if (at + 1 >= end) end = this.#quoteFrom(at + 2);
    }
    this.#at = end + 1;
    if (least) this.#copy(from, end + 1);
    else {
      const text = JSON.stringify(JSON.parse(body.toString('utf8', from, end + 1)));
      this.#room(Buffer.byteLength(text) + body.length - end + 64);
      this.#length += this.#out.write(text, this.#length);
    }
  }

  #quoteFrom(at: number): number {
    const body = this.#body;
    const near = at + SHORT_BYTES;
    for (let i = at; i < near; i++) if (body[i] === QUOTE) return i;
    return body.indexOf(QUOTE, near);
  }

  #escapeFrom(at: number): number {
    if (this.#escapeAt < at) {
      const found = this.#body.indexOf(BACKSLASH, at);
      this.#escapeAt = found < 0 ? this.#body.length : found;
    }
    return this.#escapeAt;
  }

  /** `1`, `1.0`, `10e-1` are one value; of very long numbers no digit is lost. */
  #number(): void {
    const body = this.#body;
    const from = this.#at;
    let at = from;
    let plain = true;
    for (;;) {
      const byte = body[at]!;
      if (byte < 0x30 || byte > 0x39) {
        if (byte !== 0x2d && byte !== 0x2b && byte !== 0x2e && (byte | 0x20) !== 0x65) break;
        plain &&= byte === 0x2d && at === from;
      }
      at++;
    }
    this.#at = at;
    if (plain && (body[from] !== 0x2d || body[from + 1] !== 0x30)) this.#copy(from, at);
    else {
      const text = decimal(body.toString('latin1', from, at));
      this.#room(text.length + body.length - at + 64);
      this.#length += this.#out.write(text, this.#length, 'latin1');
    }
  }

  #put(byte: number): void {
    if (this.#length >= this.#out.length) this.#room(1);
    this.#out[this.#length++] = byte;
  }

  #copy(from: number, to: number): void {
    const count = to - from;
    if (this.#out.length - this.#length < count) this.#room(count);
    move(this.#body, from, this.#out, this.#length, count);
    this.#length += count;
  }

  #room(more: number): void {
    if (this.#out.length - this.#length >= more) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#out.length, this.#length + more));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }

  /**
   * Puts the members written last, whose marks begin at `from`, into the order of their keys. Those of one name stay in theirs:
   * the last one counts.
   */
  #sort(from: number): void {
    const marks = this.#marks;
    let ordered = true;
    for (let at = from + MARKS; ordered && at < marks.length; at += MARKS)
      ordered = this.#compare(marks[at - 3]!, marks[at - 2]!, marks[at]!, marks[at + 1]!) <= 0;
    if (!ordered) this.#reorder(from);
    marks.length = from;
  }

  #reorder(from: number): void {
    const marks = this.#marks;
    const start = marks[from]!;
    const places: number[] = [];
    for (let at = from; at < marks.length; at += MARKS) places.push(at);
    places.sort(
      (one, other) =>
        this.#compare(marks[one]!, marks[one + 1]!, marks[other]!, marks[other + 1]!) || one - other,
    );
    const count = this.#length - start;
    if (this.#aside.length < count) this.#aside = Buffer.allocUnsafeSlow(2 * count);
    move(this.#out, start, this.#aside, 0, count);
    let at = start;
    for (const place of places) {
      const keyAt = marks[place]!;
      const bytes = marks[place + 2]! - keyAt;
      move(this.#aside, keyAt - start, this.#out, at, bytes);
      at += bytes;
    }
    if (this.#aside.length > KEPT_BYTES) this.#aside = Buffer.allocUnsafeSlow(4_096);
  }

  /**
   * Two written keys: shorter before longer, and within a length backwards. Any order would do; this one is how clients write
   * most objects by themselves (`role`, `content`; `type`, `text`), and what is in order need not be moved.
   */
  #compare(one: number, oneEnd: number, other: number, otherEnd: number): number {
    const out = this.#out;
    const count = oneEnd - one;
    if (count !== otherEnd - other) return count - (otherEnd - other);
    for (let i = 0; i < count; i++) {
      const more = out[other + i]! - out[one + i]!;
      if (more !== 0) return more;
    }
    return 0;
  }
}

function move(from: Buffer, fromAt: number, to: Buffer, at: number, count: number): void {
  if (count > SHORT_BYTES) from.copy(to, at, fromAt, fromAt + count);
  else for (let i = 0; i < count; i++) to[at + i] = from[fromAt + i]!;
}

/** A JSON number as its significant digits and a power of ten: one text for each value. */
export function decimal(number: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number)!; // a JSON number: it was inspected
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const short = digits.replace(/0+$/, '');
  const exponent = BigInt(power) - BigInt(fraction.length) + BigInt(digits.length - short.length);
  // What a plain spelling would be copied as.
  if (exponent >= 0n && exponent <= 40n) return sign + short + '0'.repeat(Number(exponent));
  return `${sign}${short}e${exponent}`;
}
