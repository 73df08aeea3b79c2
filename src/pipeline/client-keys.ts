// The table of client keys: only digests are kept, and a known key costs the same work as an unknown one.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ClientKeyConfig } from '../contracts/config.ts';
import type { ClientIdentity } from '../contracts/identity.ts';

/** @returns who presents a credential, or null. The pepper lives as long as the process: digests are of no use elsewhere. */
export function createClientKeys(
  keys: readonly ClientKeyConfig[],
): (credential: string) => ClientIdentity | null {
  const pepper = randomBytes(16).toString('hex');
  const digest = (value: string): Buffer => hash('sha256', pepper + value, 'buffer');
  const known = new Map<string, { digest: Buffer; identity: ClientIdentity }>();
  for (const { name, value } of keys) {
    const made = digest(value);
    known.set(made.toString('latin1'), { digest: made, identity: Object.freeze({ name }) });
  }
  const nobody = { digest: randomBytes(32), identity: null };
  return (credential) => {
    const made = digest(credential);
    const found = known.get(made.toString('latin1')) ?? nobody;
    return timingSafeEqual(made, found.digest) ? found.identity : null;
  };
}
