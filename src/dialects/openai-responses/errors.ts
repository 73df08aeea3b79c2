// Errors as a Responses client reads them: whole ones are Chat's; in a stream an `error` event is the last.
import type { GatewayError } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { objectAt, parseObject, stringAt } from '../lenient.ts';
import { encodeError, errorText } from '../openai-chat/errors.ts';

export { encodeError };

/**
 * Renders an error as the last event of a stream: the upstream's own event where it told of it in one. Ours says it
 * twice: flat as it is documented, and as the `error` object that OpenAI's servers write and its SDKs raise on.
 *
 * @param sequence number of the event.
 */
export function encodeStreamError(
  error: GatewayError,
  _requestId: string,
  out: EventOut,
  sequence = 0,
): void {
  const told = error.fault?.dialect === 'openai-responses' ? (error.fault.body?.toString('utf8') ?? '') : '';
  const type = stringAt(parseObject(told) ?? {}, 'type');
  if (type === 'error' || type === 'response.failed') {
    out.emitLines(type, told);
    return;
  }
  const object = objectAt(parseObject(errorText(error)) ?? {}, 'error') ?? {};
  const param = stringAt(object, 'param');
  const code = stringAt(object, 'code') ?? stringAt(object, 'type') ?? 'server_error';
  const message = stringAt(object, 'message') ?? error.publicMessage;
  const nested = { type: stringAt(object, 'type') ?? 'server_error', code, message, param };
  const event = { type: 'error', sequence_number: sequence, code, message, param, error: nested };
  out.emit('error', JSON.stringify(event));
}
