// Reasoning that nobody may read. Bedrock holds it as bytes, so in base64; others hold it as a text, which mostly is base64
// already and goes as it is. What is not, such as a proof we wrapped, is told by its beginning when it returns.
import { standardBase64 } from '../media-bytes.ts';
import { ENVELOPE } from '../proofs.ts';

/** Before a text that is neither base64 nor an envelope. */
const TEXT = 'hgt.';

/** `redactedContent` for opaque data. */
export function encodeRedacted(data: string): string {
  if (data.startsWith(ENVELOPE)) return Buffer.from(data).toString('base64');
  const bytes = data !== '' && standardBase64(data) === data;
  return bytes ? data : Buffer.from(TEXT + data).toString('base64');
}

/** The opaque data that a `redactedContent` is. */
export function decodeRedacted(content: string): string {
  const begins = Buffer.from(content.slice(0, 8), 'base64').toString('latin1');
  if (begins.startsWith(ENVELOPE)) return Buffer.from(content, 'base64').toString();
  return begins.startsWith(TEXT) ? Buffer.from(content, 'base64').toString().slice(TEXT.length) : content;
}
