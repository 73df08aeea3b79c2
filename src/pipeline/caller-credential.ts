// A caller's own credential of the vendor (a subscription it is signed in to), beside the key by which we know the caller. It goes to
// providers with `passthrough` alone, in the vendor's own dialect, and never with a key of ours in it.
import type { Call } from '../contracts/call.ts';
import type { Target } from '../contracts/plan.ts';
import { bearerOf, GATE_KEY } from './who/authenticate.ts';
import { isPlain, QUOTA_PROJECT } from './raw/raw-headers.ts';

/** Where vendors take it, and what their agents say beside it of the account. */
const CREDENTIALS = ['authorization', 'x-api-key', 'x-goog-api-key'] as const;
const BESIDE = ['chatgpt-account-id', 'originator', 'session_id'] as const;

/** @param headers of the request to come; itself where nothing is to be added. */
export function withCallersCredential(
  headers: Record<string, string>,
  call: Call,
  { provider }: Target,
): Record<string, string> {
  const { headers: bag } = call.head;
  if (provider.passthrough !== true || call.translated || bag.get(GATE_KEY) === undefined) return headers;
  const made = { ...headers };
  let own = false;
  for (const name of CREDENTIALS) {
    const value = bag.get(name);
    if (value === undefined || value === '' || !isPlain(value)) continue;
    const credential = name === 'authorization' ? bearerOf(bag) : value;
    // A key of the gateway's opens the gateway: no vendor is to see one.
    if (credential === '' || call.snapshot.identify(credential) !== null) continue;
    made[name] = value;
    own = true;
  }
  if (own && provider.headers[QUOTA_PROJECT] === undefined) {
    delete made[QUOTA_PROJECT];
    const paid = bag.get(QUOTA_PROJECT);
    if (paid !== undefined && isPlain(paid)) made[QUOTA_PROJECT] = paid;
  }
  for (const name of BESIDE) {
    const value = bag.get(name);
    if (value !== undefined && isPlain(value)) made[name] = value;
  }
  return made;
}
