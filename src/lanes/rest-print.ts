// A short mark that two processes make alike from the same key (or server), so that they mean the same thing by a name
// without telling each other the secret: 36 bits tell a handful of keys apart and are too few to check a guess by.
import { createHmac } from 'node:crypto';
import type { ProviderConfig } from '../contracts/provider-config.ts';

const LENGTH = 6;

/** @param secret value of the key; '' for the provider as such. */
export function restPrint(provider: ProviderConfig, secret: string): string {
  const place = JSON.stringify(['headgate rest', provider.name, provider.kind, provider.baseUrl]);
  return createHmac('sha256', place).update(secret).digest('base64url').slice(0, LENGTH);
}
