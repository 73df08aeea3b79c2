// The gatehouse's own keys: one master, one derived key for each use.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import { createEnvelopes, type Envelopes } from '../../src/governance/envelope.ts';
import { masterKeysOfFile, parseMasterKeys, rotateMasterKeyFile } from '../../src/governance/master-key.ts';
import { purposeKey } from '../../src/governance/purpose-key.ts';

export interface GatehouseKeys {
  /** Of the hashes of virtual keys; workers have it, too. */
  readonly virtualKey: Buffer;
  readonly adminToken: Buffer;
  readonly session: Buffer;
  readonly csrf: Buffer;
  readonly login: Buffer;
  readonly audit: Buffer;
  /** Seal with the newest master key there is. */
  readonly envelopes: Envelopes;
  readonly master: MasterKeys;
}

export interface MasterKeys {
  readonly from: 'file' | 'environment';
  count(): number;
  /** Another one in front, where they are in a file of ours. @returns whether there is. */
  renew(): boolean;
}

/**
 * Hashes and the chain of the audit log are made with the oldest master key, so that a new one, which goes in front, does
 * not make every key unknown.
 * @throws MasterKeyError
 */
export function openKeys({ masterKey, dataDir }: AdminConfig): GatehouseKeys {
  const file = path.join(dataDir, 'master.key');
  let masters =
    masterKey === null
      ? masterKeysOfFile(file, randomBytes)
      : parseMasterKeys(masterKey, 'HEADGATE_MASTER_KEY');
  let current = createEnvelopes(masters, randomBytes);
  const oldest = masters.at(-1)!;
  return {
    virtualKey: purposeKey(oldest, 'virtual-key'),
    adminToken: purposeKey(oldest, 'admin-token'),
    session: purposeKey(oldest, 'session'),
    csrf: purposeKey(oldest, 'csrf'),
    login: purposeKey(oldest, 'login'),
    audit: purposeKey(oldest, 'audit'),
    // Others keep these: a new master key is theirs, too.
    envelopes: {
      get keyId() {
        return current.keyId;
      },
      seal: (secret, place) => current.seal(secret, place),
      open: (sealed, place) => current.open(sealed, place),
      rewrap: (sealed, place) => current.rewrap(sealed, place),
    },
    master: {
      from: masterKey === null ? 'file' : 'environment',
      count: () => masters.length,
      renew() {
        if (masterKey !== null) return false;
        masters = rotateMasterKeyFile(file, randomBytes);
        current = createEnvelopes(masters, randomBytes);
        return true;
      },
    },
  };
}
