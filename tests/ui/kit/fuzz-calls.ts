// Calls of every kind that counts differently: answered, retried, fallen back, refused by either side, left by the caller, broken off,
// cached by the provider, without a price. Which come in which order is a matter of chance that repeats itself.
import { chance } from './canned-log.ts';

export interface FuzzTarget {
  readonly url: string;
  readonly key: string;
}

interface Kind {
  readonly model: string;
  readonly body?: object;
  /** Leaves behind the first bytes of the answer. */
  readonly leaves?: boolean;
}

/** Of providers `oa`, which retries once, and `an`, of which nobody knows a price. */
const KINDS: readonly Kind[] = [
  { model: 'oa/ok' },
  { model: 'oa/text:9', body: { stream: true } },
  { model: 'oa/cached' },
  { model: 'oa/thinking' },
  { model: 'oa/tools' },
  { model: 'oa/flaky:1:503' },
  { model: 'oa/flaky:1:reset', body: { stream: true } },
  { model: 'oa/status:503', body: { fallbacks: ['an/ok'] } },
  { model: 'oa/status:429:retry-after=1', body: { fallbacks: ['oa/ok'] } },
  { model: 'oa/status:400' },
  { model: 'oa/ok', body: { model: 5 } },
  // It never ends by itself, however late its caller leaves.
  { model: 'oa/text:30+stall-after:5', body: { stream: true }, leaves: true },
  { model: 'oa/text:30+cut-rst-after:3', body: { stream: true } },
  { model: 'an/ok' },
  { model: 'an/text:12', body: { stream: true } },
];

/** Resolves when all have ended, however they did. @param seed which of all possible runs */
export async function fuzzCalls(target: FuzzTarget, count: number, seed: number): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      // Each kind once, then by chance.
      const kind = KINDS[at < KINDS.length ? at : Math.floor(chance(seed + at) * KINDS.length)]!;
      await ask(target, kind, at);
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

async function ask({ url, key }: FuzzTarget, kind: Kind, at: number): Promise<void> {
  const left = new AbortController();
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    signal: left.signal,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      connection: 'close',
    },
    body: JSON.stringify({
      model: `${kind.model}+n${at}`,
      max_tokens: 50,
      messages: [{ role: 'user', content: 'hi' }],
      ...kind.body,
    }),
  });
  // An answer that breaks off is one of the kinds.
  const read = answer.body!.getReader();
  await read.read().catch(() => undefined);
  if (kind.leaves === true) left.abort();
  else
    for (let open = true; open; )
      open = await read.read().then(
        ({ done }) => !done,
        () => false,
      );
}
