// Every manager of secrets there is.
import { type Obtain, obtain } from '../../credentials/obtain.ts';
import { createAwsSecrets } from './aws.ts';
import { createGcpSecrets } from './gcp.ts';
import type { SecretSource, SecretSourceDeps } from './secret-source.ts';
import { createVault } from './vault.ts';

export function createSecretSources(deps: SecretSourceDeps, credentials: Obtain = obtain): SecretSource[] {
  return [createVault(deps), createAwsSecrets(deps, credentials), createGcpSecrets(deps, credentials)];
}
