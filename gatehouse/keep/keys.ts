// The gatehouse's own keys: one master, one derived key for each use.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import { createEnvelopes, type Envelopes } from '../../src/governance/envelope.ts';
import { masterKeysOfFile, parseMasterKeys } from '../../src/governance/master-key.ts';
import { purposeKey } from '../../src/governance/purpose-key.ts';

export interface GatehouseKeys {
  /** Of the hashes of virtual keys; workers have it, too. */
  readonly virtualKey: Buffer;
  readonly adminToken: Buffer;
  readonly session: Buffer;
  readonly csrf: Buffer;
  readonly login: Buffer;
  readonly audit: Buffer;
  readonly envelopes: Envelopes;
}

/**
 * Hashes and the chain of the audit log are made with the oldest master key, so that a new one, which goes in front, does
 * not make every key unknown.
 * @throws MasterKeyError
 */
export function openKeys({ masterKey, dataDir }: AdminConfig): GatehouseKeys {
  const masters =
    masterKey === null
      ? masterKeysOfFile(path.join(dataDir, 'master.key'), randomBytes)
      : parseMasterKeys(masterKey, 'HEADGATE_MASTER_KEY');
  const oldest = masters.at(-1)!;
  return {
    virtualKey: purposeKey(oldest, 'virtual-key'),
    adminToken: purposeKey(oldest, 'admin-token'),
    session: purposeKey(oldest, 'session'),
    csrf: purposeKey(oldest, 'csrf'),
    login: purposeKey(oldest, 'login'),
    audit: purposeKey(oldest, 'audit'),
    envelopes: createEnvelopes(masters, randomBytes),
  };
}
