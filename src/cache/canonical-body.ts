// A JSON body written the one way that all of its spellings share: no white space, members in one order of their keys,
// strings with the escapes they need and no others, numbers by their value. Walks over bytes that body/inspect has validated, and
// builds no objects of them (bench/micro/cache.ts).

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** Up to here a loop copies faster than a call into C++. */
const SHORT_BYTES = 24;
/** So many before a point, and behind it, are written as they are, not by a power of ten. */
const MOST_DIGITS = 40;
/** Of a power of ten: it is added to exactly. */
const MOST_POWER_DIGITS = 15;
const ZERO = 0x30;
/** The buffer that is written into is kept between bodies up to this size. */
const KEPT_BYTES = 1 << 20;
/** Of members, in numbers: as many bytes. */
const KEPT_MARKS = KEPT_BYTES >> 2;

/** 1 = JSON.stringify writes this escape, too. */
const LEAST_ESCAPE = new Uint8Array(256);
for (const byte of Buffer.from('"\\bfnrt')) LEAST_ESCAPE[byte] = 1;

/** Numbers that stand for a member: where its key begins and ends, and where it ends itself. */
const MARKS = 3;
/** Up to here a list is sorted quicker by inserting than by a call. */
const FEW = 12;

/**
 * Writes texts and values one behind the other. One at a time: what is written is to be read before the next `begin`.
 *
 * What stands in the body as it is to be written, which is nearly all of what clients send, is copied in one piece, and walked over once.
 */
export class CanonicalBody {
  #out = Buffer.allocUnsafeSlow(16_384);
  #length = 0;
  #body: Buffer = this.#out;
  #at = 0;
  /** The body from here to the cursor is as it is to be written, and is not yet. */
  #from = 0;
  /** The next backslash of the body at or behind the cursor, where the cursor stood last; the body's length when there is none. */
  #escapeAt = 0;
  /** Of the members of all objects that are being written, the innermost one's last; places as they will be in `out`. */
  #marks = new Int32Array(64 * MARKS);
  /** How many of them there are, in numbers. */
  #marked = 0;
  /** Of the body's own members, by the order of their keys, where those that are written begin in the list of them. */
  #order = new Int32Array(32);
  /** What an object was written as, while its members change places. */
  #aside = Buffer.allocUnsafeSlow(4_096);

  /** What was written since `begin`. */
  get bytes(): Buffer {
    return this.#out.subarray(0, this.#length);
  }

  /** Bytes written since `begin`. */
  get length(): number {
    return this.#length;
  }

  begin(): void {
    this.#length = 0;
    if (this.#out.length > KEPT_BYTES) this.#out = Buffer.allocUnsafeSlow(16_384);
    if (this.#marks.length > KEPT_MARKS) this.#marks = new Int32Array(64 * MARKS);
  }

  /** Begins with the first bytes that were written the last time, where they are still there. @returns whether they are. */
  beginBehind(bytes: number): boolean {
    if (this.#out.length > KEPT_BYTES || this.#marks.length > KEPT_MARKS) return false;
    this.#length = bytes;
    return true;
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
    this.#escapeFrom(0);
    const anyEscape = this.#escapeAt < body.length;
    this.#put(0x7b);
    const start = this.#length;
    this.#marked = 0;
    const count = this.#inBody(body, members, skips);
    for (let next = 0; next < count; next++) {
      const keyAt = members[this.#order[next]!]!;
      if (this.#length > start) this.#put(COMMA);
      // The cursor may go back.
      if (anyEscape) this.#escapeAt = -1;
      this.#at = keyAt;
      this.#from = keyAt;
      this.#member();
      this.#flush();
    }
    // They are in order, unless keys were spelled with escapes, or are too many.
    this.#sort(0);
    this.#put(0x7d);
  }

  /**
   * Puts the members of the body that are written into the order of their keys, without moving a byte; into that of the body where a key is
   * spelled with escapes, since it may be another one's. @returns how many there are
   */
  #inBody(
    body: Buffer,
    members: readonly number[],
    skips: (body: Buffer, from: number, to: number) => boolean,
  ): number {
    if (this.#order.length < members.length) this.#order = new Int32Array(members.length);
    const order = this.#order;
    let count = 0;
    for (let at = 0; at < members.length; at += 4)
      if (!skips(body, members[at]! + 1, members[at + 1]! - 1)) order[count++] = at;
    if (count > FEW || this.#anyEscaped(members, count)) return count;
    for (let next = 1; next < count; next++) {
      const at = order[next]!;
      let place = next;
      for (; place > 0; place--) {
        const before = order[place - 1]!;
        if (compareKeys(body, members[before]!, members[before + 1]!, members[at]!, members[at + 1]!) <= 0)
          break;
        order[place] = before;
      }
      order[place] = at;
    }
    return count;
  }

  #anyEscaped(members: readonly number[], count: number): boolean {
    for (let next = 0; next < count; next++) {
      const at = this.#order[next]!;
      for (let byteAt = members[at]!; byteAt < members[at + 1]!; byteAt++)
        if (this.#body[byteAt] === BACKSLASH) return true;
    }
    return false;
  }

  #member(): void {
    const keyAt = this.#place();
    this.#string();
    const keyEnd = this.#place();
    this.#pass();
    this.#at++; // the colon
    this.#pass();
    this.#value();
    this.#mark(keyAt, keyEnd, this.#place());
  }

  #value(): void {
    const byte = this.#body[this.#at]!;
    if (byte === QUOTE) this.#string();
    else if (byte === 0x7b) this.#object();
    else if (byte === 0x5b) this.#array();
    else if (byte === 0x74 || byte === 0x6e) this.#at += 4;
    else if (byte === 0x66) this.#at += 5;
    else this.#number();
  }

  #object(): void {
    const from = this.#marked;
    this.#at++;
    while (this.#pass() !== 0x7d) {
      if (this.#body[this.#at] === COMMA) {
        this.#at++;
        this.#pass();
      }
      this.#member();
    }
    this.#sort(from);
    this.#at++;
  }

  #array(): void {
    this.#at++;
    while (this.#pass() !== 0x5d) {
      if (this.#body[this.#at] === COMMA) {
        this.#at++;
        this.#pass();
      }
      this.#value();
    }
    this.#at++;
  }

  /** Leaves white space out, and returns the byte behind it; the cursor stands on it. */
  #pass(): number {
    const body = this.#body;
    let at = this.#at;
    let byte = body[at]!;
    if (byte > 0x20) return byte;
    this.#flush();
    do byte = body[++at]!;
    while (byte <= 0x20);
    this.#at = at;
    this.#from = at;
    return byte;
  }

  #string(): void {
    const from = this.#at;
    const end = this.#quoteFrom(from + 1);
    this.#at = end + 1;
    if (this.#escapeAt < from) this.#escapeFrom(from);
    if (this.#escapeAt < end && !this.#least(end)) {
      this.#at = from;
      this.#flush();
      const text = JSON.stringify(JSON.parse(this.#body.toString('utf8', from, end + 1)));
      this.#instead(text, end + 1, 'utf8');
    }
  }

  /** The quote that ends a string. */
  #quoteFrom(from: number): number {
    const body = this.#body;
    let at = from;
    for (;;) {
      const near = at + SHORT_BYTES;
      while (at < near && body[at] !== QUOTE) at++;
      if (at === near) at = body.indexOf(QUOTE, near);
      let slashes = 0;
      while (body[at - 1 - slashes] === BACKSLASH) slashes++;
      if ((slashes & 1) === 0) return at;
      at++;
    }
  }

  #escapeFrom(at: number): void {
    const found = this.#body.indexOf(BACKSLASH, at);
    this.#escapeAt = found < 0 ? this.#body.length : found;
  }

  /** Whether a string has no escapes but those that JSON.stringify writes. */
  #least(end: number): boolean {
    const body = this.#body;
    for (; this.#escapeAt < end; this.#escapeFrom(this.#escapeAt + 2))
      if (LEAST_ESCAPE[body[this.#escapeAt + 1]!] === 0) return false;
    return true;
  }

  /** `1`, `1.0`, `10e-1` are one value; of very long numbers no digit is lost. */
  #number(): void {
    const body = this.#body;
    const from = this.#at;
    let at = from;
    let pointAt = -1;
    let plain = true;
    for (;;) {
      const byte = body[at]!;
      if (byte < 0x30 || byte > 0x39) {
        if (byte === 0x2e) pointAt = at;
        else if (byte === 0x2b || (byte | 0x20) === 0x65) plain = false;
        else if (byte !== 0x2d) break;
      }
      at++;
    }
    if (pointAt >= 0) plain &&= body[at - 1] !== 0x30 && at - pointAt <= MOST_DIGITS;
    else plain &&= at - from <= MOST_DIGITS && (body[from] !== 0x2d || body[from + 1] !== 0x30);
    if (!plain) {
      this.#flush();
      this.#instead(decimal(body.toString('latin1', from, at)), at, 'latin1');
    } else this.#at = at;
  }

  #put(byte: number): void {
    if (this.#length >= this.#out.length) this.#room(1);
    this.#out[this.#length++] = byte;
  }

  /** Where the cursor is in what will be written. */
  #place(): number {
    return this.#length + this.#at - this.#from;
  }

  /** Writes what stands before the cursor. */
  #flush(): void {
    const count = this.#at - this.#from;
    if (count === 0) return;
    if (this.#out.length - this.#length < count) this.#room(count);
    move(this.#body, this.#from, this.#out, this.#length, count);
    this.#length += count;
    this.#from = this.#at;
  }

  /** Writes a text in the place of what stands between the cursor, before which nothing is left to be written, and `end`. */
  #instead(text: string, end: number, encoding: 'utf8' | 'latin1'): void {
    this.#room(3 * text.length + this.#body.length - end + 64);
    this.#length += this.#out.write(text, this.#length, encoding);
    this.#at = end;
    this.#from = end;
  }

  #room(more: number): void {
    if (this.#out.length - this.#length >= more) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#out.length, this.#length + more));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }

  #mark(keyAt: number, keyEnd: number, end: number): void {
    if (this.#marked === this.#marks.length) {
      const more = new Int32Array(2 * this.#marked);
      more.set(this.#marks);
      this.#marks = more;
    }
    const marks = this.#marks;
    marks[this.#marked] = keyAt;
    marks[this.#marked + 1] = keyEnd;
    marks[this.#marked + 2] = end;
    this.#marked += MARKS;
  }

  /**
   * Puts the members behind the marks from `from` on into the order of their keys. Those of one name stay in theirs: the last one counts.
   */
  #sort(from: number): void {
    const marks = this.#marks;
    const end = this.#marked;
    this.#marked = from;
    if (end - from <= MARKS) return;
    // Where all of the object is in the body as it is to be written, its keys are compared there.
    const verbatim = marks[from]! >= this.#length;
    if (!verbatim) this.#flush();
    const shift = verbatim ? this.#from - this.#length : 0;
    const bytes = verbatim ? this.#body : this.#out;
    for (let at = from + MARKS; at < end; at += MARKS) {
      if (compare(bytes, marks, at - MARKS, at, shift) <= 0) continue;
      if (verbatim) this.#flush();
      this.#reorder(from, end);
      return;
    }
  }

  #reorder(from: number, end: number): void {
    const marks = this.#marks;
    const out = this.#out;
    const start = marks[from]!;
    const count = this.#length - start;
    if (this.#aside.length < count) this.#aside = Buffer.allocUnsafeSlow(2 * count);
    move(out, start, this.#aside, 0, count);
    const places = this.#inOrder(from, end);
    let at = start;
    for (const place of places) {
      if (at > start) out[at++] = COMMA;
      const keyAt = marks[place]!;
      const bytes = marks[place + 2]! - keyAt;
      move(this.#aside, keyAt - start, out, at, bytes);
      at += bytes;
    }
    if (this.#aside.length > KEPT_BYTES) this.#aside = Buffer.allocUnsafeSlow(4_096);
  }

  /** The marks of members by the order of their keys. */
  #inOrder(from: number, end: number): number[] {
    const [out, marks] = [this.#out, this.#marks];
    const places: number[] = [];
    for (let at = from; at < end; at += MARKS) places.push(at);
    if (places.length > FEW)
      return places.sort((one, other) => compare(out, marks, one, other, 0) || one - other);
    for (let next = 1; next < places.length; next++) {
      const place = places[next]!;
      let at = next;
      for (; at > 0 && compare(out, marks, places[at - 1]!, place, 0) > 0; at--) places[at] = places[at - 1]!;
      places[at] = place;
    }
    return places;
  }
}

/**
 * Two written keys, by their marks: shorter before longer, and within a length backwards. Any order would do; this one is how clients write
 * most objects by themselves (`role`, `content`; `type`, `text`), and what is in order need not be moved.
 */
function compare(bytes: Buffer, marks: Int32Array, one: number, other: number, shift: number): number {
  return compareKeys(
    bytes,
    marks[one]! + shift,
    marks[one + 1]! + shift,
    marks[other]! + shift,
    marks[other + 1]! + shift,
  );
}

function compareKeys(
  bytes: Buffer,
  oneAt: number,
  oneEnd: number,
  otherAt: number,
  otherEnd: number,
): number {
  const count = oneEnd - oneAt;
  const more = count - (otherEnd - otherAt);
  if (more !== 0) return more;
  for (let i = 0; i < count; i++) {
    const more = bytes[otherAt + i]! - bytes[oneAt + i]!;
    if (more !== 0) return more;
  }
  return 0;
}

function move(from: Buffer, fromAt: number, to: Buffer, at: number, count: number): void {
  if (count > SHORT_BYTES) from.copy(to, at, fromAt, fromAt + count);
  else for (let i = 0; i < count; i++) to[at + i] = from[fromAt + i]!;
}

/**
 * A JSON number as its significant digits and a power of ten: one text for each value. Reads each of its characters a few times, however
 * many there are: clients choose them.
 */
export function decimal(number: string): string {
  const sign = number.startsWith('-') ? '-' : '';
  const powerAt = number.search(/[eE]/);
  const power = powerAt < 0 ? '0' : number.slice(powerAt + 1);
  // What nobody means is left as it is: at worst a miss.
  if (power.length > MOST_POWER_DIGITS) return number;
  const [whole = '', fraction = ''] = number
    .slice(sign.length, powerAt < 0 ? undefined : powerAt)
    .split('.', 2);
  const digits = whole + fraction;
  let from = 0;
  while (digits.charCodeAt(from) === ZERO) from++;
  let end = digits.length;
  while (end > from && digits.charCodeAt(end - 1) === ZERO) end--;
  if (from === end) return '0';
  const short = digits.slice(from, end);
  const exponent = Number(power) - fraction.length + digits.length - end;
  // What a plain spelling would be copied as.
  if (exponent >= 0 && short.length + exponent <= MOST_DIGITS) return sign + short + '0'.repeat(exponent);
  if (exponent < 0 && exponent > -MOST_DIGITS) {
    const padded = short.padStart(1 - exponent, '0');
    return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
  }
  return `${sign}${short}e${exponent}`;
}
