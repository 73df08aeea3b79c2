// How gRPC is written on HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md): messages behind five bytes, and what stands in headers and trailers.
import { Buffer } from 'node:buffer';
import { GRPC_CODES, type GrpcCode } from '../contracts/grpc.ts';

/** Whether compressed, one byte; length, four. */
const PREFIX_BYTES = 5;

/** `message` as it goes out: not compressed. */
export function grpcFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** What is wrong with the bytes of a call, and the status a client ends it with. */
export class GrpcFrameFault extends Error {
  readonly code: GrpcCode;

  constructor(code: GrpcCode, message: string) {
    super(message);
    this.name = 'GrpcFrameFault';
    this.code = code;
  }
}

/** Cuts the bytes of one direction of one call into messages, wherever they are split. */
export class GrpcDeframer {
  readonly #maxBytes: number;
  readonly #take: (message: Buffer) => void;
  /** A prefix or message that is not whole yet. */
  #parts: Buffer[] = [];
  #held = 0;
  /** Of the message that is awaited; -1 = its prefix is. */
  #length = -1;

  /** @param take hears of each whole message; it is a view of the bytes that came, or a copy where they were split. */
  constructor(maxBytes: number, take: (message: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#take = take;
  }

  /** Whether all that came was whole messages. */
  get clean(): boolean {
    return this.#held === 0 && this.#length < 0;
  }

  /** @throws GrpcFrameFault */
  push(chunk: Buffer): void {
    let at = 0;
    for (;;) {
      const need = (this.#length < 0 ? PREFIX_BYTES : this.#length) - this.#held;
      if (chunk.length - at < need) break;
      const piece = this.#whole(chunk.subarray(at, at + need));
      at += need;
      if (this.#length < 0) this.#length = this.#lengthOf(piece);
      else {
        this.#length = -1;
        this.#take(piece);
      }
    }
    if (at === chunk.length) return;
    this.#parts.push(chunk.subarray(at));
    this.#held += chunk.length - at;
  }

  #whole(last: Buffer): Buffer {
    if (this.#held === 0) return last;
    this.#parts.push(last);
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#held = 0;
    return whole;
  }

  #lengthOf(prefix: Buffer): number {
    if (prefix[0] !== 0) {
      // No encoding was offered, so neither a compressed message nor another value can be meant.
      throw new GrpcFrameFault(GRPC_CODES.INTERNAL, 'a message is compressed, or is none');
    }
    const length = prefix.readUInt32BE(1);
    if (length <= this.#maxBytes) return length;
    throw new GrpcFrameFault(
      GRPC_CODES.RESOURCE_EXHAUSTED,
      `a message of ${length} bytes is larger than ${this.#maxBytes}`,
    );
  }
}

const TIMEOUT_DIGITS = 99_999_999;

/** Value of `grpc-timeout` for so many ms: at most eight digits and a unit. */
export function grpcTimeout(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms));
  if (whole <= TIMEOUT_DIGITS) return `${whole}m`;
  return `${Math.min(TIMEOUT_DIGITS, Math.ceil(whole / 1000))}S`;
}

/** ms of a value of `grpc-timeout`; null when it is none. */
export function grpcTimeoutMs(value: string): number | null {
  const match = /^(\d{1,8})([HMSmun])$/.exec(value);
  if (match === null) return null;
  const units: Readonly<Record<string, number>> = {
    H: 3_600_000,
    M: 60_000,
    S: 1000,
    m: 1,
    u: 1e-3,
    n: 1e-6,
  };
  return Number(match[1]) * units[match[2]!]!;
}

/** Of what `grpc-message` may hold as it is: printable ASCII but `%`. */
const PLAIN_FROM = 0x20;
const PLAIN_TO = 0x7e;
const PERCENT = 0x25;

/** A message for `grpc-message`. */
export function encodeGrpcMessage(text: string): string {
  let out = '';
  for (const byte of Buffer.from(text)) {
    const plain = byte >= PLAIN_FROM && byte <= PLAIN_TO && byte !== PERCENT;
    out += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** The text of a `grpc-message`. What is no valid escape stays as it is, as the protocol wants. */
export function decodeGrpcMessage(value: string): string {
  if (!value.includes('%')) return value;
  const bytes = Buffer.from(value);
  let at = 0;
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === PERCENT ? bytes.toString('latin1', i + 1, i + 3) : '';
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes[at++] = Number.parseInt(hex, 16);
      i += 2;
    } else bytes[at++] = bytes[i]!;
  }
  return bytes.toString('utf8', 0, at);
}

/** Of a `grpc-status`; anything that is none is UNKNOWN. */
export function grpcCode(value: string | undefined): GrpcCode {
  const code = value !== undefined && /^\d{1,2}$/.test(value) ? Number(value) : -1;
  // The codes are 0 to 16 without a gap.
  return code >= 0 && code <= GRPC_CODES.UNAUTHENTICATED ? (code as GrpcCode) : GRPC_CODES.UNKNOWN;
}

/** The status of an answer that is none of gRPC, by its HTTP status (grpc/doc/http-grpc-status-mapping.md). */
export function codeOfHttp(status: number): GrpcCode {
  switch (status) {
    case 400:
      return GRPC_CODES.INTERNAL;
    case 401:
      return GRPC_CODES.UNAUTHENTICATED;
    case 403:
      return GRPC_CODES.PERMISSION_DENIED;
    case 404:
      return GRPC_CODES.UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return GRPC_CODES.UNAVAILABLE;
    default:
      return GRPC_CODES.UNKNOWN;
  }
}
