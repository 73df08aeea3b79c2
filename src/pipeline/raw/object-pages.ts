// Further pages of a list of objects at a provider: of a page that is full of others' a caller would get nothing, and think that was all.
import type { Call } from '../../contracts/call.ts';
import type { Speaker } from '../../contracts/plan.ts';
import type { RingKey } from '../../contracts/lane.ts';
import { askKeeper, keyFor } from '../../responses/ask-keeper.ts';
import { filled, forwardedQuery } from './raw-address.ts';

/**
 * The next page from the object `edge` on, as it came; null = there is none to be had. Never rejects.
 *
 * @param back the page before it: of a list that its client reads backwards.
 */
export type ObjectPages = (
  call: Call,
  provider: string,
  edge: string,
  back: boolean,
) => Promise<Buffer | null>;

/** @param headersOf what a provider is asked with. */
export function createObjectPages(
  headersOf: (speaker: Speaker, key: RingKey | null) => Record<string, string>,
): ObjectPages {
  return async (call, provider, edge, back) => {
    const { route, params, head, plan } = call;
    const target = plan?.targets.find((one) => one.provider.name === provider);
    const { address, fromOrigin } = call;
    if (target === undefined || route.kind !== 'model') return null;
    // By a provider's own path, or by one of ours.
    const at = route.forward === undefined ? address : filled(route.forward, params);
    if (at === null) return null;
    const key = keyFor(target.lane, '');
    if (key === null && target.provider.keys.length > 0) return null;
    const query = new URLSearchParams(forwardedQuery(head.query));
    query.set(back ? 'before_id' : route.dialect === 'anthropic' ? 'after_id' : 'after', edge);
    const path = `${fromOrigin ? '' : target.below}${at.split('?', 1)[0]}?${query}`;
    const headers = headersOf(target, key);
    try {
      const asked = { method: 'GET' as const, path, fromOrigin, headers };
      const { status, body } = await askKeeper(target.lane.upstream, asked);
      return status === 200 ? body : null;
    } catch {
      return null;
    }
  };
}
