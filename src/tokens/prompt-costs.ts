// What attachments and opaque bytes cost; what each dialect's frame costs stands in its manner.

/** A page of a PDF is about 50 KB and 2,000 tokens, with its picture. */
export const DOCUMENT = { bytesPerPage: 50_000, tokensPerPage: 2_000 } as const;
/** Speech is about 10 tokens a second, and a second of 16 kHz mono 32 KB. */
export const AUDIO_BYTES_PER_TOKEN = 3_200;
/** Opaque bytes (redacted thinking, signatures are not counted). */
export const OPAQUE_BYTES_PER_TOKEN = 4;
