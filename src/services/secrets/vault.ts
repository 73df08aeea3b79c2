// HashiCorp Vault: key-value secrets, version 1 and 2, by their path as its own API has it (`vault:secret/data/app#key`).
// Where it is and who asks stands in Vault's own variables: VAULT_ADDR, VAULT_TOKEN or VAULT_TOKEN_FILE, VAULT_NAMESPACE.
import { readFileSync } from 'node:fs';
import { askService, ServiceFault } from '../ask.ts';
import {
  MAX_SECRET_BYTES,
  SECRET_TIMEOUT_MS,
  SecretFault,
  type SecretSource,
  type SecretSourceDeps,
} from './secret-source.ts';

export function createVault({ env }: SecretSourceDeps): SecretSource {
  return {
    prefix: 'vault:',
    async read(name) {
      const address = env['VAULT_ADDR'];
      if (address === undefined || !/^https?:\/\//.test(address))
        throw new SecretFault('VAULT_ADDR does not say where Vault is');
      const namespace = env['VAULT_NAMESPACE'];
      const { status, body } = await askService({
        method: 'GET',
        url: `${address.replace(/\/+$/, '')}/v1/${name.split('/').map(encodeURIComponent).join('/')}`,
        headers: {
          'x-vault-token': tokenOf(env),
          'x-vault-request': 'true',
          ...(namespace ? { 'x-vault-namespace': namespace } : {}),
        },
        timeoutMs: SECRET_TIMEOUT_MS,
        maxBytes: MAX_SECRET_BYTES,
      });
      if (status === 404) throw new SecretFault('Vault has no such secret');
      if (status === 403) throw new SecretFault('Vault does not let this token read it');
      if (status !== 200) throw new ServiceFault(`status_${status}`);
      const read: unknown = JSON.parse(body.toString('utf8'));
      const outer = memberOf(read, 'data');
      // Version 2 has metadata around it.
      const inner = memberOf(outer, 'metadata') === undefined ? outer : memberOf(outer, 'data');
      if (typeof inner !== 'object' || inner === null) throw new SecretFault('Vault has no data there');
      return JSON.stringify(inner);
    },
  };
}

/** Read each time: an agent beside us renews the file. */
function tokenOf(env: SecretSourceDeps['env']): string {
  const file = env['VAULT_TOKEN_FILE'];
  if (env['VAULT_TOKEN']) return env['VAULT_TOKEN'];
  if (!file) throw new SecretFault('neither VAULT_TOKEN nor VAULT_TOKEN_FILE is set');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new SecretFault('the file of VAULT_TOKEN_FILE cannot be read');
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name] // an object, as was just seen
    : undefined;
}
