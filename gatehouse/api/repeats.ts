// A POST with an `Idempotency-Key` is done once: who sends it again gets the answer it had, for a day. What is kept is
// sealed, since answers may show a key.
import { createHash } from 'node:crypto';
import type { Store } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import type { GatehouseKeys } from '../keep/keys.ts';
import { etagOf } from './context.ts';
import type { ApiAnswer } from './route.ts';

const KEEP_MS = 86_400_000;
/** Another gateway with this store is waited for so often, so long each time. */
const LOOKS = 100;
const LOOK_MS = 50;
/** Longer than any work takes: who claimed it and did not finish has died. */
const GIVEN_UP_MS = 60_000;
const REPLAYED: Readonly<Record<string, string>> = { 'idempotency-replayed': 'true' };
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface RepeatDeps {
  readonly store: Store;
  readonly keys: Pick<GatehouseKeys, 'envelopes'>;
  now(): number;
}

export interface Repeats {
  /** @param who whose key it is; two callers never share one. @throws ApiError 400, 409, 422 */
  once(who: string, key: string, request: string, work: () => Promise<ApiAnswer>): Promise<ApiAnswer>;
}

export function createRepeats({ store, keys, now }: RepeatDeps): Repeats {
  const running = new Map<string, Promise<void>>();

  /** `running`: another gateway with this store has it under way. */
  async function kept(id: string, print: string): Promise<ApiAnswer | 'running' | null> {
    const found = await store.keptAnswer(id);
    if (found === null || found.at < now() - KEEP_MS) return null;
    if (found.print !== print)
      throw new ApiError(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was sent with another request.',
      );
    if (found.status === 0) {
      if (found.at > now() - GIVEN_UP_MS) return 'running';
      await store.settleAnswer(id, null);
      return null;
    }
    const text = keys.envelopes.open(found.body, placeOf(id));
    if (text === '') return { status: found.status, headers: REPLAYED };
    const body = JSON.parse(text) as object; // as it was kept below
    // What the answer's ETag said stands in its body, wherever it had one.
    const version = 'version' in body && typeof body.version === 'number' ? body.version : null;
    const headers = version === null ? REPLAYED : { ...REPLAYED, etag: etagOf(version) };
    return { status: found.status, headers, body };
  }

  /** The answer there is, or null: it is ours to make. @throws ApiError 409, 422 */
  async function claim(id: string, print: string): Promise<ApiAnswer | null> {
    for (let looks = 0; looks < LOOKS; looks++) {
      const before = await kept(id, print);
      if (before !== null && before !== 'running') return before;
      if (before === null) {
        await store.forgetAnswers(now() - KEEP_MS);
        if (await store.keepAnswer(id, { print, status: 0, body: '', at: now() })) return null;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new ApiError(
      409,
      'in_progress',
      'The first request with this Idempotency-Key is still under way.',
      {
        headers: { 'retry-after': '1' },
      },
    );
  }

  async function make(id: string, print: string, work: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
    let answer: ApiAnswer;
    try {
      answer = await work();
    } catch (error) {
      // What was refused may be sent again. A store that is away forgets the claim by itself.
      await store.settleAnswer(id, null).catch(() => undefined);
      throw error;
    }
    const body = answer.body === undefined ? '' : JSON.stringify(answer.body);
    const sealed = keys.envelopes.seal(body, placeOf(id));
    await store.settleAnswer(id, { print, status: answer.status, body: sealed, at: now() });
    return answer;
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
        return (await claim(id, print)) ?? (await make(id, print, work));
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
