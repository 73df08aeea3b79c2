// Who calls. Keys are read from every place an SDK may put them, on every route: the vendors' SDKs changed places
// within a major version.

import type { Call, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { HeaderBag } from '../contracts/headers.ts';

const PLACES = ['x-api-key', 'api-key', 'x-goog-api-key'] as const;

/** Sets `call.identity`. A request may carry several credentials (an SDK's default beside ours): the first known one counts. */
export function authenticate(call: Call): StageResult {
  const { snapshot, head } = call;
  if (snapshot.config.auth.keys.length === 0) {
    call.identity = ANONYMOUS;
    return 'continue';
  }
  let given = false;
  const bearer = bearerOf(head.headers);
  if (bearer !== '') {
    given = true;
    call.identity = snapshot.identify(bearer);
    if (call.identity !== null) return 'continue';
  }
  for (const place of PLACES) {
    const value = head.headers.get(place);
    if (value === undefined || value === '') continue;
    given = true;
    call.identity = snapshot.identify(value);
    if (call.identity !== null) return 'continue';
  }
  return new GatewayError('GW_CLIENT_AUTH', {
    message: given
      ? 'The API key is not known to this gateway.'
      : 'No API key was given. Send it as `Authorization: Bearer <key>` or in `x-api-key`.',
  });
}

const ANONYMOUS = { name: 'anonymous' } as const;

function bearerOf(headers: HeaderBag): string {
  const value = headers.get('authorization');
  if (value === undefined || value.length < 8) return '';
  return value.slice(0, 7).toLowerCase() === 'bearer ' ? value.slice(7).trim() : '';
}
