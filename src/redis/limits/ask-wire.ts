// Asks to the one call of ask-script.ts that answers them, and its answer back.
import type { Grant } from '../../contracts/limits.ts';
import type { KeyNames, WireAsk } from './limit-keys.ts';

/** For so long the same token takes once; nothing asks again later. */
const TOKEN_LIFE_MS = 10_000;
/** Leases of rates live so long; then what is unspent goes back. */
const LEASE_LIFE_MS = 1_000;
/** Numbers of the answer per part: granted, us to wait, left, us until full. */
const ROW = 4;

export interface WireCall {
  keys: string[];
  args: string[];
}

/** What one question is made of. */
export interface AskParts {
  readonly parts: readonly WireAsk[];
  readonly token: string;
}

export class AskCalls {
  readonly #names: KeyNames;
  readonly #ends: string;

  /** @param slotLifeMs slots that nobody renews are free after this */
  constructor(names: KeyNames, slotLifeMs: number) {
    this.#names = names;
    this.#ends = `,${names.record.length},${slotLifeMs}`;
  }

  /** Each bucket is named once, however many asks meet it. */
  of(asks: readonly AskParts[]): WireCall {
    const call = {}; // unlike that of any other
    const { askers, record } = this.#names;
    const keys = [askers];
    const slotKeys: string[] = [];
    let rates = 0;
    let rateText = '';
    let slotText = '';
    let askText = '';
    for (const { token } of asks) keys.push(record + token);
    for (const { parts } of asks) {
      askText += `,${parts.length}`;
      for (const { bucket, need, want } of parts) {
        if (bucket.call !== call) {
          bucket.call = call;
          if (bucket.pace !== null) {
            keys.push(bucket.key);
            bucket.at = ++rates;
            rateText += `,${bucket.said}`;
          } else {
            bucket.at = -slotKeys.push(bucket.key);
            slotText += `,${bucket.said}`;
          }
        }
        askText += `,${bucket.at},${need},${want}`;
      }
    }
    for (const key of slotKeys) keys.push(key);
    const counts = `[${asks.length},${rates},${slotKeys.length}`;
    return {
      keys,
      args: [String(TOKEN_LIFE_MS), `${counts}${this.#ends}${rateText}${slotText}${askText}]`],
    };
  }
}

/** Of one part. */
export interface AskRow {
  granted: number;
  waitUs: number;
  left: number;
  debtUs: number;
}

export function grantOf({ granted, waitUs, left, debtUs }: AskRow): Grant {
  return {
    granted,
    retryAfterMs: Math.ceil(waitUs / 1000),
    remaining: left,
    resetMs: Math.ceil(debtUs / 1000),
    lifeMs: LEASE_LIFE_MS,
  };
}

/** @returns null when it is not what the script answers: whoever speaks there is not our Redis. */
export function askAnswer(reply: unknown, parts: number): readonly number[] | null {
  if (!Array.isArray(reply) || reply.length !== 1 + ROW * parts) return null;
  for (const value of reply) if (!Number.isSafeInteger(value) || value < 0) return null;
  return reply as number[]; // checked on the line above
}

/** @param part counted over all asks of the call */
export function askRow(answer: readonly number[], part: number): AskRow {
  const at = 1 + ROW * part;
  return {
    granted: answer[at]!,
    waitUs: answer[at + 1]!,
    left: answer[at + 2]!,
    debtUs: answer[at + 3]!,
  };
}
