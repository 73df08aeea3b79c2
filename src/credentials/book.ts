// The credentials that a worker holds: told by the primary, looked up by each attempt, out of use when they expire.
import type { Credential, Credentials } from '../contracts/credential.ts';
import { behindReads } from '../ipc/behind-reads.ts';
import { createSecretMask, type SecretMask } from '../observability/redact.ts';

/** The worker's own. */
export interface CredentialBook extends Credentials {
  /** In place of the one before. */
  learn(credential: Credential): void;
  /** Those that are not named are forgotten: no configuration has them any more. */
  keep(ids: readonly string[]): void;
  secrets(): string[];
  /** Resolves when all are held, at the latest after `ms`. */
  whenHeld(ids: readonly string[], ms: number): Promise<void>;
}

/** A thousand calls that are refused at the same time are one reason to ask. */
const TELL_EVERY_MS = 5_000;

/** @param wall ms since 1970. @param tell one was refused. */
export function createCredentialBook(wall: () => number, tell: (id: string) => void): CredentialBook {
  const toldAt = new Map<string, number>();
  const held = new Map<string, Credential>();
  let mask: SecretMask | null = null;
  let waiting: (() => void)[] = [];
  const secrets = (): string[] => [...held.values()].flatMap(secretsOf);
  return {
    of(id) {
      const credential = held.get(id);
      if (credential === undefined) return null;
      return credential.expiresAtMs === null || credential.expiresAtMs > wall() ? credential : null;
    },
    refused(id) {
      const now = wall();
      if (!held.has(id) || now - (toldAt.get(id) ?? 0) < TELL_EVERY_MS) return;
      toldAt.set(id, now);
      tell(id);
    },
    mask(bytes) {
      if (held.size === 0) return bytes;
      mask ??= createSecretMask(secrets());
      return mask.maskBuffer(bytes);
    },
    learn(credential) {
      held.set(credential.id, credential);
      mask = null;
      for (const look of waiting) look();
    },
    keep(ids) {
      for (const known of [held, toldAt])
        for (const id of known.keys()) if (!ids.includes(id)) known.delete(id);
      mask = null;
    },
    secrets,
    async whenHeld(ids, ms) {
      const all = Promise.withResolvers<void>();
      const look = (): void => {
        if (ids.every((id) => held.has(id))) all.resolve();
      };
      waiting.push(look);
      look();
      const timer = behindReads(ms, all.resolve);
      await all.promise;
      timer.clear();
      waiting = waiting.filter((other) => other !== look);
    },
  };
}

function secretsOf({ token, aws }: Credential): string[] {
  return [token, aws?.secretAccessKey, aws?.sessionToken].filter((secret) => secret !== undefined);
}
