// Asks name servers for the addresses of one name. The only file that asks; by c-ares, whose questions are datagrams and
// hold no thread: what getaddrinfo of one dead name would hold are the threads that all other names wait for.
import { channel } from 'node:diagnostics_channel';
import { Resolver } from 'node:dns/promises';
import type { Address } from '../contracts/names.ts';
import { behindTurns } from '../ipc/behind-reads.ts';

export interface Asking {
  servers: readonly string[];
  /** Wait for one answer of one server, and rounds over all of them. */
  timeoutMs: number;
  attempts: number;
  /** Whole time for all names. */
  deadlineMs: number;
}

export type Answer =
  | { kind: 'found'; addresses: readonly Address[]; ttlMs: number }
  /** The servers say that there is no such name, or no address of it. */
  | { kind: 'absent' }
  /** No server could say. `reason` in words. */
  | { kind: 'failed'; reason: string };

/** Once one family has answered, the other has so long (RFC 8305 section 3): some servers never answer for AAAA. */
const OTHER_FAMILY_MS = 50;

/** Published right before a question opens its sockets, for whoever keeps descriptors for others. */
export const QUESTION = 'headgate.dns.question';
const questions = channel(QUESTION);

/** The answer for the first of `names` that has one. Never rejects. */
export async function ask(names: readonly string[], asking: Asking): Promise<Answer> {
  // One for all its names, and none for long: it can be stopped without stopping others, and reads no stale servers.
  const resolver = new Resolver({ timeout: asking.timeoutMs, tries: asking.attempts });
  let late = false;
  const timer = behindTurns(asking.deadlineMs, () => {
    late = true;
    resolver.cancel();
  });
  let failed: Answer | null = null;
  try {
    resolver.setServers(asking.servers);
    questions.publish(null);
    for (const name of names) {
      const answer = await askOne(resolver, name);
      if (answer.kind === 'found') return answer;
      if (late) return { kind: 'failed', reason: `no answer within ${asking.deadlineMs} ms` };
      // A server that fails for one domain of the search list may know the name by itself.
      if (answer.kind === 'failed') failed = answer;
    }
  } catch (cause) {
    return { kind: 'failed', reason: reasonOf(cause) };
  } finally {
    timer.clear();
  }
  return failed ?? { kind: 'absent' };
}

async function askOne(resolver: Resolver, name: string): Promise<Answer> {
  const six = family(resolver.resolve6(name, { ttl: true }), 6);
  const four = family(resolver.resolve4(name, { ttl: true }), 4);
  const first = await Promise.race([six, four]);
  const other = first.family === 6 ? four : six;
  if (first.answer.kind !== 'found') return join(first.answer, (await other).answer);
  const second = await Promise.race([other, after(OTHER_FAMILY_MS)]);
  if (second === null) resolver.cancel();
  return join(first.answer, second?.answer ?? { kind: 'absent' });
}

async function family(
  records: Promise<{ address: string; ttl: number }[]>,
  of: 4 | 6,
): Promise<{ family: 4 | 6; answer: Answer }> {
  try {
    const found = await records;
    if (found.length === 0) return { family: of, answer: { kind: 'absent' } };
    const addresses = found.map(({ address }) => ({ address, family: of }));
    const ttlMs = Math.min(...found.map(({ ttl }) => ttl)) * 1_000;
    return { family: of, answer: { kind: 'found', addresses, ttlMs } };
  } catch (cause) {
    return {
      family: of,
      answer: isAbsent(cause) ? { kind: 'absent' } : { kind: 'failed', reason: reasonOf(cause) },
    };
  }
}

/** Both families' answers as one. Nothing of one family is no word on the name while the other could not be learnt. */
function join(a: Answer, b: Answer): Answer {
  if (a.kind === 'found' && b.kind === 'found') {
    const [six, four] = a.addresses[0]!.family === 6 ? [a, b] : [b, a];
    const ttlMs = Math.min(a.ttlMs, b.ttlMs);
    return { kind: 'found', addresses: [...six.addresses, ...four.addresses], ttlMs };
  }
  if (a.kind === 'found') return a;
  if (b.kind === 'found') return b;
  return a.kind === 'failed' ? a : b;
}

async function after(ms: number): Promise<null> {
  return new Promise((resolve) => behindTurns(ms, () => resolve(null)));
}

const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);
const REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'the name servers do not answer',
  ECONNREFUSED: 'no name server listens',
  ESERVFAIL: 'the name server failed (SERVFAIL)',
  EREFUSED: 'the name server refused to answer (REFUSED)',
};

function isAbsent(cause: unknown): boolean {
  return ABSENT.has(codeOf(cause));
}

function reasonOf(cause: unknown): string {
  const code = codeOf(cause);
  return REASONS[code] ?? `the look-up failed (${code})`;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
