// The provider that made a response and keeps it: asked for its state, to stop it, to forget it.
import { GatewayError } from '../contracts/errors.ts';
import type { Call } from '../contracts/call.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { Speaker } from '../contracts/plan.ts';
import type { Spoken } from '../contracts/provider.ts';
import type { StoredResponse } from '../contracts/responses.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { askKeeper, type KeeperAnswer, type KeeperQuestion, keyFor } from './ask-keeper.ts';
import { relayKept } from './relay-kept.ts';

export interface Keeper {
  /** @param path behind the response's own. Rejects with a GatewayError. */
  ask(
    snapshot: Snapshot,
    stored: StoredResponse,
    method: KeeperQuestion['method'],
    path?: string,
  ): Promise<KeeperAnswer>;
  /** Its events, as its provider tells them to the caller; resolves and rejects as `relayKept` does. @param query of the client's. */
  tell(call: Call, stored: StoredResponse, query: URLSearchParams): Promise<boolean>;
  /**
   * Hands on a question about what nobody here knows. Null: no provider keeps anything. Rejects with a GatewayError.
   * @param named provider that the path names, or null. @param path below the provider's own.
   */
  pass(
    { lanes }: Pick<Snapshot, 'lanes'>,
    named: string | null,
    question: Omit<KeeperQuestion, 'headers'>,
  ): Promise<KeeperAnswer> | null;
}

/** What a client may say of the events that it wants. */
const TOLD_OF = new Set(['stream', 'starting_after', 'include', 'include[]', 'include_obfuscation']);

export interface KeeperDeps {
  dialect(name: DialectName): Dialect;
  headers(speaker: Speaker, key: RingKey | null): Record<string, string>;
}

/** Asks by the configuration of the call that wants to know. */
export function createKeeper({ dialect, headers }: KeeperDeps): Keeper {
  const spokenIn = dialect('openai-responses');
  const wayOf = ({ provider }: Lane): Spoken | undefined =>
    provider.speaks.find((way) => way.dialect === spokenIn.name);
  const questionOf = (
    lanes: Snapshot['lanes'],
    { provider: name, model, id }: StoredResponse,
    path: string,
  ): { lane: Lane } & Pick<KeeperQuestion, 'path' | 'headers'> => {
    const lane = lanes.get(name);
    const spoken = lane === undefined ? undefined : wayOf(lane);
    if (lane === undefined || spoken === undefined) {
      const message = `The provider \`${name}\` that keeps this response is not configured any more.`;
      throw new GatewayError('GW_CLIENT_STORED_NOT_FOUND', { message });
    }
    const key = keyFor(lane, model);
    if (key === null && lane.provider.keys.length > 0) throw new GatewayError('GW_LANE_NO_KEY');
    return {
      lane,
      path: `${spoken.path}/responses/${encodeURIComponent(id)}${path}`,
      headers: headers({ provider: lane.provider, dialect: spokenIn, spoken }, key),
    };
  };
  return {
    pass({ lanes }, named, { path, ...question }) {
      const own = named === null ? undefined : lanes.get(named);
      const lane = [...(own === undefined ? lanes.values() : [own])].find(
        (one) => one.provider.quirks.keepsResponses === true && wayOf(one) !== undefined,
      );
      if (lane === undefined) return null;
      const spoken = wayOf(lane)!;
      const key = keyFor(lane, '');
      if (key === null && lane.provider.keys.length > 0) return null;
      const made = headers({ provider: lane.provider, dialect: spokenIn, spoken }, key);
      const type = question.body ? { 'content-type': 'application/json' } : {};
      return askKeeper(lane.upstream, {
        ...question,
        path: `${spoken.path}${path}`,
        headers: { ...made, ...type },
      });
    },
    ask: async ({ lanes }, stored, method, path = '') => {
      const { lane, ...question } = questionOf(lanes, stored, path);
      return askKeeper(lane.upstream, { ...question, method });
    },
    tell: async (call, stored, query) => {
      const asked = new URLSearchParams([...query].filter(([name]) => TOLD_OF.has(name)));
      const { lane, ...question } = questionOf(call.snapshot.lanes, stored, `?${asked}`);
      return relayKept(lane.upstream, { ...question, method: 'GET' }, call);
    },
  };
}
