// An attempt's request, on its way.
import type { RingKey } from '../../contracts/lane.ts';
import type { UpstreamCall, UpstreamHandler, UpstreamRequest } from '../../contracts/upstream.ts';
import type { UpstreamHeaderBuilder } from '../upstream-headers.ts';
import type { AttemptInput } from './attempt-input.ts';

/** @param key that it is sent with; null where its provider has none. @param nowMs on the clock of `call.startedAt`. */
export function sendAttempt(
  headers: UpstreamHeaderBuilder,
  { call, target, method, path, body, fresh, timeouts }: AttemptInput,
  key: RingKey | null,
  handler: UpstreamHandler,
  nowMs: number,
): UpstreamCall {
  const built = headers.build(call, target, key);
  const { upstream } = target.lane;
  const request: UpstreamRequest = {
    method,
    path,
    fromOrigin: call.fromOrigin,
    headers: headers.sign(built, target, key, method, path, body, call.fromOrigin),
    body,
    fresh,
  };
  if (upstream.tellsDeadline === true && timeouts.totalMs > 0)
    request.deadlineMs = Math.max(1, Math.ceil(timeouts.totalMs - (nowMs - call.startedAt)));
  return upstream.send(request, handler);
}
