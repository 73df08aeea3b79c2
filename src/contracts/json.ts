// JSON as the translated path sees it. Numbers that JavaScript would not print as they were written stay as
// JSON.rawJSON objects (body/lossless.ts), so a 20-digit integer or `1.0` survives a translation.

/** What `JSON.rawJSON(text)` returns: printed verbatim by JSON.stringify. */
export interface RawNumber {
  readonly rawJSON: string;
}

export type Json = string | number | boolean | null | RawNumber | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json | undefined;
}
