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

/** Which model, deployment or call under way it is for the gateway to say, however its client spells their names: some read them so. */
const OURS: ReadonlySet<string> = new Set(['model', 'deployment', BESIDE]);
/** What Google's clients say of the form of answers: each message is one, and is read. */
const FORMS = /^\$?(?:alt|fields|callback|httpHeaders|httpMethod|ct)$/i;
/** Azure's clients say it beside a deployment. */
const VERSION = 'api-version';

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
  for (const name of [...query.keys()])
    if (OURS.has(name.toLowerCase()) || (route.dialect === 'gemini' && FORMS.test(name))) query.delete(name);
  // The one that was found to be the caller's; a session that the path names is that. Its provider knows the model.
  const beside = params['id'] === undefined ? callIn({ head }) : null;
  if (beside !== null) query.set(BESIDE, beside);
  else if (!kind.inherits && !kind.modelInFirst) {
    query.delete(VERSION);
    query.set('model', target.model);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
