// gRPC as a client sees it, without a word on what messages mean: bytes go out, bytes come in (src/upstream/http2).

/** Canonical status codes of gRPC. */
export const GRPC_CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcCodeName = keyof typeof GRPC_CODES;
export type GrpcCode = (typeof GRPC_CODES)[GrpcCodeName];

/** Lower-case names; values of `-bin` names are base64. */
export type GrpcMetadata = Readonly<Record<string, string>>;

/** How a call ended. */
export interface GrpcEnd {
  readonly code: GrpcCode;
  /** What the server says, or for an end of ours why. Holds no address. */
  readonly message: string;
  readonly trailers: GrpcMetadata;
  /** The server said it has not begun with this call: it may be sent again wherever it goes. */
  readonly unprocessed: boolean;
  /**
   * No server said it. `connecting`: none could be reached; `under-way`: the connection broke; `answer`: what it sends is not gRPC, or
   * larger than wanted. Absent: the server's own word, or ours (cancelled, late).
   */
  readonly lost?: 'connecting' | 'under-way' | 'answer';
}

/** Hears of one call; `end` comes once and last, whatever happens. */
export interface GrpcListener {
  /** A connection took it: it goes out. May be called within `open`. */
  begun?(): void;
  /** Leading metadata; not called when an answer consists of trailers only. */
  headers?(metadata: GrpcMetadata): void;
  /** One whole message; it may be kept. */
  message(bytes: Buffer): void;
  /** `send` said false, and now there is room. */
  drained?(): void;
  end(end: GrpcEnd): void;
}

export interface GrpcCallOptions {
  /** Beside what gRPC itself sets; lower-case names. */
  readonly metadata?: GrpcMetadata;
  /** From the begin to the end of the call, ms; the server is told. Absent = none. */
  readonly deadlineMs?: number;
}

/** One call under way. */
export interface GrpcStream {
  /** @returns false when the client should wait for `drained`. Nothing is sent when the call is over. */
  send(message: Uint8Array): boolean;
  /** There is nothing more to send. */
  finish(): void;
  /** No more messages for now; what has arrived stays with the server once the window of the stream is full. */
  pause(): void;
  resume(): void;
  /** Ends the call as CANCELLED and tells the server. Idempotent. */
  cancel(): void;
}

/** A kept connection to one server. Calls begin while it is being made, too. */
export interface GrpcChannel {
  /** @param path `/package.Service/Method`. */
  open(path: string, listener: GrpcListener, options?: GrpcCallOptions): GrpcStream;
  /** One message out, one in. What a server has not begun with is sent once more. @throws GrpcFault */
  unary(
    path: string,
    message: Uint8Array,
    options?: GrpcCallOptions & { signal?: AbortSignal },
  ): Promise<Buffer>;
  /** Ends all calls as UNAVAILABLE. */
  close(): void;
}

/** A unary call that did not end with OK and one message. */
export class GrpcFault extends Error {
  readonly end: GrpcEnd;

  constructor(end: GrpcEnd) {
    super(`gRPC ${codeName(end.code)}: ${end.message}`);
    this.name = 'GrpcFault';
    this.end = end;
  }
}

export function codeName(code: GrpcCode): GrpcCodeName {
  // Object.entries loses the literal types of the table.
  const found = Object.entries(GRPC_CODES).find(([, number]) => number === code) as [GrpcCodeName, GrpcCode];
  return found[0];
}
