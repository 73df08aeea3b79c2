// What our HTTP/1.1 client itself has against an exchange, as an error with a code: faults.ts decides by it.

export type WireCode =
  /** The answer is not HTTP as it should be, or more of it than we take as framing. */
  | 'UNPARSABLE'
  /** The answer is larger than allowed. */
  | 'TOO_LARGE'
  /** The connection closed properly, but inside the exchange. */
  | 'CUT'
  /** Not connected in time. */
  | 'CONNECT_TIMEOUT'
  /** The proxy does not let us through. */
  | 'PROXY_REFUSED'
  /** The peer answered in HTTP/2. */
  | 'HTTP2_ONLY'
  /** The upstream is closed: nothing was sent. */
  | 'CLOSED'
  /** The upstream was closed around a running exchange. */
  | 'DESTROYED';

/** Its message never quotes what came over the wire. */
export class WireFault extends Error {
  readonly code: WireCode;

  constructor(code: WireCode, message: string) {
    super(message);
    this.name = 'WireFault';
    this.code = code;
  }
}

/** A reason to refuse an answer. */
export function badAnswer(reason: string): WireFault {
  return new WireFault('UNPARSABLE', `the answer has ${reason}`);
}
