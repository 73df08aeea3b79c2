// What Bedrock says when it fails is the same whatever format its model speaks.
import type { UpstreamFault } from '../../contracts/errors.ts';
import { decodeError as decode, faultOfException as faultOf } from '../bedrock/faults.ts';

const dialect = 'bedrock-invoke';

/** Reads an upstream's refusal with its HTTP status. `body` may be anything. */
export function decodeError(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault {
  return { ...decode(status, headers, body), dialect };
}

/** The fault that an exception in a stream is. */
export function faultOfException(event: string, data: string): UpstreamFault {
  return { ...faultOf(event, data), dialect };
}
