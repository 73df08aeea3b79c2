// The provider that made a response and keeps it: asked for its state, to stop it, to forget it.
import { GatewayError } from '../contracts/errors.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import type { RingKey } from '../contracts/lane.ts';
import type { Speaker } from '../contracts/plan.ts';
import type { StoredResponse } from '../contracts/responses.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { askKeeper, type KeeperAnswer, type KeeperQuestion, keyFor } from './ask-keeper.ts';

export interface Keeper {
  /** @param path behind the response's own. Rejects with a GatewayError. */
  ask(
    snapshot: Snapshot,
    stored: StoredResponse,
    method: KeeperQuestion['method'],
    path?: string,
  ): Promise<KeeperAnswer>;
}

export interface KeeperDeps {
  dialect(name: DialectName): Dialect;
  headers(speaker: Speaker, key: RingKey | null): Record<string, string>;
}

/** Asks by the configuration of the call that wants to know. */
export function createKeeper({ dialect, headers }: KeeperDeps): Keeper {
  const spokenIn = dialect('openai-responses');
  return {
    ask({ lanes }, { provider: name, model, id }, method, path = '') {
      const lane = lanes.get(name);
      const spoken = lane?.provider.speaks.find((way) => way.dialect === spokenIn.name);
      if (lane === undefined || spoken === undefined) {
        const message = `The provider \`${name}\` that keeps this response is not configured any more.`;
        return Promise.reject(new GatewayError('GW_CLIENT_STORED_NOT_FOUND', { message }));
      }
      const key = keyFor(lane, model);
      if (key === null && lane.provider.keys.length > 0)
        return Promise.reject(new GatewayError('GW_LANE_NO_KEY'));
      return askKeeper(lane.upstream, {
        method,
        path: `${spoken.path}/responses/${encodeURIComponent(id)}${path}`,
        headers: headers({ provider: lane.provider, dialect: spokenIn, spoken }, key),
      });
    },
  };
}
