// When to come again, as Google's APIs say it: google.rpc.RetryInfo among an error's details, hardly ever in a header.
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

export const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
/** google.protobuf.Duration in JSON. */
const DURATION = /^(\d+(?:\.\d+)?)s$/;

/** `retryDelay` in ms; null when the details name none. */
export function retryDelayMs(error: JsonObject): number | null {
  for (const detail of arrayAt(error, 'details')) {
    if (!isObject(detail)) continue;
    const found = DURATION.exec(stringAt(detail, 'retryDelay') ?? '');
    if (found !== null) return Number(found[1]) * 1000;
  }
  return null;
}

/** The detail that says it. */
export function retryInfo(ms: number): JsonObject {
  return { '@type': RETRY_INFO, retryDelay: `${Math.ceil(ms / 10) / 100}s` };
}
