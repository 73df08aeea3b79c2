// Where at the upstream a call goes.
import type { Call } from '../contracts/call.ts';
import { codecOf } from '../contracts/dialect.ts';
import type { Target } from '../contracts/plan.ts';
import { queryOf } from './answer-form.ts';
import { filled } from './raw/raw-address.ts';

/** Path below the provider's base URL. @param body what goes there, where it is one whole. Claude Code marks beta calls in the query, which goes on as it came. */
export function upstreamPath(call: Call, target: Target, body?: unknown): string {
  const { dialect, below, encode, operation, provider } = target;
  if (call.address !== null) return call.fromOrigin ? call.address : below + call.address;
  const { route } = call;
  if (route.kind === 'model' && route.forward !== undefined)
    return below + filled(route.forward, call.params) + queryOf(call);
  const codec = codecOf(dialect, operation)!;
  const made = call.translated && Buffer.isBuffer(body) ? codec.addressOf?.(encode, body) : undefined;
  const path =
    below +
    (provider.endpoints?.[operation]?.path ??
      made ??
      codec.address(encode, call.stream, call.route.template));
  const { query } = call.head;
  if (query === '' || call.translated || encode.hosted !== undefined) return path;
  if (!/(^|&)beta=true(&|$)/.test(query)) return path;
  return `${path}${path.includes('?') ? '&' : '?'}beta=true`;
}
