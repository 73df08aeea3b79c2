// What a provider's WebSocket is asked for with.
import type { Call } from '../../contracts/call.ts';
import type { Target } from '../../contracts/plan.ts';
import { BESIDE, callIn } from '../own.ts';
import { filled, forwardedQuery } from '../raw/raw-address.ts';
import type { SessionKind } from './session-kind.ts';

/** Headers of a request with a body, which a handshake has none of. */
const OF_BODIES = [
  'content-type',
  'content-length',
  'content-encoding',
  'accept',
  'accept-encoding',
] as const;

export function ofSocket(headers: Readonly<Record<string, string>>): Record<string, string> {
  const left: Record<string, string> = { ...headers };
  for (const name of OF_BODIES) delete left[name];
  return left;
}

/** What Azure's clients say of their deployment, which is the model, and of its version. */
const OF_AZURE = ['deployment', 'api-version'] as const;

/** The model that the query of a session names; null = none. */
export function modelAsked(query: string): string | null {
  const asked = new URLSearchParams(query);
  return asked.get('model') ?? asked.get('deployment');
}

/** Path and query below the base URL: the client's, with the provider's name of the model. */
export function socketPath({ route, params, head }: Call, target: Target, kind: SessionKind): string {
  const forward = route.kind === 'model' ? (route.forward ?? '') : '';
  const path = kind.pathAt(target) ?? target.below + filled(forward, params);
  const query = new URLSearchParams(forwardedQuery(head.query));
  const beside = callIn({ head });
  // The one that was found to be the caller's, however often its client says one. Its provider knows the model.
  if (beside !== null) {
    query.set(BESIDE, beside);
    query.delete('model');
  } else {
    query.delete(BESIDE);
    if (kind.inherits) query.delete('model');
    else if (!kind.modelInFirst) {
      for (const name of OF_AZURE) query.delete(name);
      query.set('model', target.model);
    }
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
