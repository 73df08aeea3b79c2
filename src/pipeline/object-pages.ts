// Further pages of a list of objects at a provider: of a page that is full of others' a caller would get nothing, and think that was all.
import type { Call } from '../contracts/call.ts';
import type { Speaker } from '../contracts/plan.ts';
import type { RingKey } from '../contracts/lane.ts';
import { askKeeper, keyFor } from '../responses/ask-keeper.ts';
import { filled, forwardedQuery } from './raw-address.ts';

/** The next page behind the object `after`, as it came; null = there is none to be had. Never rejects. */
export type ObjectPages = (call: Call, provider: string, after: string) => Promise<Buffer | null>;

/** @param headersOf what a provider is asked with. */
export function createObjectPages(
  headersOf: (speaker: Speaker, key: RingKey | null) => Record<string, string>,
): ObjectPages {
  return async (call, provider, after) => {
    const { route, params, head, plan } = call;
    const target = plan?.targets.find((one) => one.provider.name === provider);
    if (target === undefined || route.kind !== 'model' || route.forward === undefined) return null;
    const key = keyFor(target.lane, '');
    if (key === null && target.provider.keys.length > 0) return null;
    const query = new URLSearchParams(forwardedQuery(head.query));
    query.set(route.dialect === 'anthropic' ? 'after_id' : 'after', after);
    const path = `${target.below}${filled(route.forward, params)}?${query}`;
    const headers = headersOf(target, key);
    try {
      const { status, body } = await askKeeper(target.lane.upstream, { method: 'GET', path, headers });
      return status === 200 ? body : null;
    } catch {
      return null;
    }
  };
}
