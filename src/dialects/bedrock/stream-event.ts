// One event of a Converse stream, read; and what a stream tells over its events. Shared by watcher and decoder.
import type { AnswerFacts, StopReason, Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { parseObject, stringAt } from '../lenient.ts';
import { faultOfException, isException } from './faults.ts';
import { decodeStop } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

/** @throws GatewayError with the fault that an exception is, else GW_UPSTREAM_BAD_OUTPUT: no JSON object. */
export function readEvent(event: string, data: string): JsonObject {
  if (isException(event)) throw faultError(faultOfException(event, data));
  const body = parseObject(data);
  if (body === null) throw badOutput('A stream event is no JSON object.');
  return body;
}

/** The answer's stop reason and usage, as far as the stream has told them. Converse tells neither an id nor a model. */
export class StreamFacts implements AnswerFacts {
  readonly id = null;
  readonly model = null;
  usage: Usage | null = null;
  stop: StopReason | null = null;

  /** messageStop. @throws GatewayError with a fault when the model's output was broken. */
  stopped(body: JsonObject): void {
    this.stop = decodeStop(stringAt(body, 'stopReason'));
  }

  /** metadata. */
  metadata(body: JsonObject): void {
    this.usage = decodeUsage(body['usage'], body['serviceTier']);
  }
}
