// What attachments and opaque bytes cost, by their size; what each dialect's frame costs stands in its manner.
import type { Json } from '../contracts/json.ts';

/** A page of a PDF is about 50 KB and 2,000 tokens, with its picture. */
const PAGE = { bytes: 50_000, tokens: 2_000 } as const;
/** Speech is about 10 tokens a second, and a second of 16 kHz mono 32 KB. */
const AUDIO_BYTES_PER_TOKEN = 3_200;
const OPAQUE_BYTES_PER_TOKEN = 4;

/** Tokens of a document or a video; one page when the bytes are elsewhere. */
export function documentTokens(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PAGE.bytes)) * PAGE.tokens;
}

export function audioTokens(bytes: number): number {
  return Math.ceil(bytes / AUDIO_BYTES_PER_TOKEN);
}

/** Tokens of redacted thinking; signatures are not counted. */
export function opaqueTokens(bytes: number): number {
  return Math.ceil(bytes / OPAQUE_BYTES_PER_TOKEN);
}

/** Bytes that base64 text stands for; 0 for what is no text. */
export function decodedBytes(base64: Json | undefined): number {
  return typeof base64 === 'string' ? (base64.length * 3) / 4 : 0;
}
