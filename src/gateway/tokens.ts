// Tokens of callers under one configuration. The keys of an issuer stay known through configurations.

import { buildHolder } from '../config/holders.ts';
import type { Config } from '../contracts/config.ts';
import type { Directory } from '../contracts/directory.ts';
import type { Clock } from '../contracts/ports.ts';
import type { TokenVerifier } from '../contracts/token-verifier.ts';
import type { Recorder } from '../observability/recorder.ts';
import { IssuerKeys } from '../services/issuer-keys.ts';
import { createTokenVerifier } from '../services/tokens.ts';

/** @returns a function of the configuration: its verifier, null where it names no issuers. */
export function createTokens(
  clock: Clock,
  directory: Directory,
  recorder: Pick<Recorder, 'counter'>,
): (config: Config) => TokenVerifier | null {
  /** By URL; those no configuration names any more are forgotten with the next one. */
  let known = new Map<string, IssuerKeys>();
  return ({ jwt }) => {
    const before = known;
    known = new Map();
    if (jwt === undefined) return null;
    for (const { jwksUrl, name } of jwt.issuers) {
      const asked = (fault: string | null): void =>
        recorder.counter('headgate_issuer_asks_total', [name, fault === null ? 'ok' : 'failed']).add(1);
      known.set(jwksUrl, before.get(jwksUrl) ?? new IssuerKeys(jwksUrl, clock, asked));
    }
    const keys = known;
    return createTokenVerifier(jwt.issuers, {
      clock,
      keys: ({ jwksUrl }) => keys.get(jwksUrl)!,
      holderOf(said, policy) {
        let whole = true;
        const report = (): void => {
          whole = false;
        };
        const holder = buildHolder({ ...policy, ...said }, jwt.groups, [], { report });
        return whole ? holder : null;
      },
      named: (name) => directory.named(name),
    });
  };
}
