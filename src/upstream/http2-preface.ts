// Whether a peer that was sent HTTP/1.1 answers in HTTP/2: its first frame is SETTINGS, or GOAWAY, of stream 0 (RFC 9113
// sections 3.4 and 4.1).
const SETTINGS = 4;
const GOAWAY = 7;

/** @param count how many of `bytes` were read first. */
export function startsHttp2(bytes: Buffer, count: number): boolean {
  // The length of such a frame has a zero first; an answer of HTTP/1.1 begins with an H.
  return bytes[0] === 0 && count >= 4 && (bytes[3] === SETTINGS || bytes[3] === GOAWAY);
}
