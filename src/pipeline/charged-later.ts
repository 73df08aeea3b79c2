// Requests that are forwarded by a provider's own path and begin a batch which is charged when it is over, as one of a route of our own is:
// they cost nothing themselves, and nobody has to know a price to begin them. Those alone whose every answer tells what it used.
import type { DialectName } from '../contracts/dialect-name.ts';

const BEGINS: Partial<Readonly<Record<DialectName, RegExp>>> = {
  gemini: /\/(?:models|tunedModels)\/[^/]+:batchGenerateContent$/,
  cohere: /\/v2\/batches\/?$/,
};

/** @param dialect of its route. @param path at its provider, as that reads it, without a query. */
export function isChargedLater(dialect: DialectName, method: string, path: string): boolean {
  return method === 'POST' && BEGINS[dialect]?.test(path) === true;
}
