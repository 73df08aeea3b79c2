// What a request body asks for, found in its bytes without parsing them: the mock must stay far cheaper than a gateway.
// Inside JSON strings quotes are escaped, so `"stream"` with bare quotes is a key (or a lone string, which no call has).

const STREAM = Buffer.from('"stream"');
const USAGE = Buffer.from('"include_usage"');
/** Longer than either key with its value. */
const OVERLAP = 48;

export class Wants {
  stream = false;
  usage = false;
  #tail: Buffer | null = null;

  /** Bytes are only read during the call. */
  push(part: Buffer, isLast: boolean): void {
    if (this.#tail !== null) this.#scan(Buffer.concat([this.#tail, part.subarray(0, OVERLAP)]));
    this.#scan(part);
    if (isLast) return;
    // A copy: the bytes of a part are gone after the call. A short part keeps what was before it.
    const before = this.#tail ?? Buffer.alloc(0);
    const end = part.subarray(Math.max(0, part.length - OVERLAP));
    this.#tail = Buffer.concat([before, end]).subarray(-OVERLAP);
  }

  #scan(bytes: Buffer): void {
    this.stream ||= isTrue(bytes, STREAM);
    this.usage ||= isTrue(bytes, USAGE);
  }
}

function isTrue(bytes: Buffer, key: Buffer): boolean {
  const at = bytes.indexOf(key);
  if (at === -1) return false;
  let next = at + key.length;
  while (bytes[next] === 32 || bytes[next] === 58 /* : */) next++;
  return bytes[next] === 116; /* t */
}
