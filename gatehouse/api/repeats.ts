// A POST with an `Idempotency-Key` is done once: who sends it again gets the answer it had, for a day. What is kept is
// sealed, since answers may show a key.
import { createHash } from 'node:crypto';
import type { Store } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import type { GatehouseKeys } from '../keep/keys.ts';
import type { ApiAnswer } from './route.ts';

const KEEP_MS = 86_400_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface RepeatDeps {
  readonly store: Store;
  readonly keys: Pick<GatehouseKeys, 'envelopes'>;
  now(): number;
}

export interface Repeats {
  /** @param who whose key it is; two callers never share one. @throws ApiError 400, 422 */
  once(who: string, key: string, request: string, work: () => Promise<ApiAnswer>): Promise<ApiAnswer>;
}

export function createRepeats({ store, keys, now }: RepeatDeps): Repeats {
  const running = new Map<string, Promise<void>>();

  async function kept(id: string, print: string): Promise<ApiAnswer | null> {
    const found = await store.keptAnswer(id);
    if (found === null || found.at < now() - KEEP_MS) return null;
    if (found.print !== print)
      throw new ApiError(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was sent with another request.',
      );
    const text = keys.envelopes.open(found.body, placeOf(id));
    return {
      status: found.status,
      headers: { 'idempotency-replayed': 'true' },
      ...(text === '' ? {} : { body: JSON.parse(text) as object }), // as it was kept below
    };
  }

  return {
    async once(who, key, request, work) {
      if (!KEY.test(key))
        throw new ApiError(
          400,
          'invalid_header',
          'Idempotency-Key: expected 1 to 255 visible ASCII characters',
        );
      const id = digest(`${who}\n${key}`);
      const print = digest(request);
      // The same call twice at once: the second waits, and finds the answer of the first.
      while (running.has(id)) await running.get(id);
      let over = (): void => undefined;
      running.set(
        id,
        new Promise((resolve) => {
          over = resolve;
        }),
      );
      try {
        const before = await kept(id, print);
        if (before !== null) return before;
        await store.forgetAnswers(now() - KEEP_MS);
        const answer = await work();
        const body = answer.body === undefined ? '' : JSON.stringify(answer.body);
        await store.keepAnswer(id, {
          print,
          status: answer.status,
          body: keys.envelopes.seal(body, placeOf(id)),
          at: now(),
        });
        return answer;
      } finally {
        running.delete(id);
        over();
      }
    },
  };
}

const placeOf = (id: string) => ({ kind: 'answer', id, field: 'body' });

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
