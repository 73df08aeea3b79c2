// An attempt's request, on its way.
import type { RingKey } from '../../contracts/lane.ts';
import type { UpstreamCall, UpstreamHandler } from '../../contracts/upstream.ts';
import type { UpstreamHeaderBuilder } from '../upstream-headers.ts';
import type { AttemptInput } from './attempt-input.ts';

/** @param key that it is sent with; null where its provider has none. */
export function sendAttempt(
  headers: UpstreamHeaderBuilder,
  { call, target, method, path, body, fresh }: AttemptInput,
  key: RingKey | null,
  handler: UpstreamHandler,
): UpstreamCall {
  const built = headers.build(call, target, key);
  return target.lane.upstream.send(
    {
      method,
      path,
      fromOrigin: call.fromOrigin,
      headers: headers.sign(built, target, key, method, path, body),
      body,
      fresh,
    },
    handler,
  );
}
