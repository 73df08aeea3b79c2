// Sends alerts to webhooks, one at a time each and in order, signed as Standard Webhooks have it. What an address does not take is tried
// again for a while and then dropped and counted; what waits is bounded. No call waits for any of it.
import { createHmac } from 'node:crypto';
import type { WebhookConfig } from '../../src/contracts/alerts.ts';
import { abortBehindTurns, behindTurns } from '../../src/ipc/behind-reads.ts';
import { VERSION } from '../../src/version.ts';

/** What is sent: the id is the same at each try, so that whoever gets it twice can tell. */
export interface AlertMessage {
  readonly id: string;
  readonly body: string;
}

export interface AlertSender {
  /** Never waits. What does not fit any more is dropped. */
  offer(message: AlertMessage): void;
  /** Resolves when all that was offered is sent or given up, at the latest after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export interface AlertSenderDeps {
  /** ms since 1970. */
  wall(): number;
  delivered(outcome: 'sent' | 'refused' | 'dropped'): void;
  /** Once for each time it begins to fail. */
  failing(reason: string): void;
}

/** Tries of one message: about ten minutes. */
const BACK_OFF_MS = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000, 180_000, 180_000];
const MAX_WAITING = 1_000;

/** @param backOffMs waits between the tries. */
export function createAlertSender(
  hook: Pick<WebhookConfig, 'url' | 'secret' | 'headers' | 'timeoutMs'>,
  { wall, delivered, failing }: AlertSenderDeps,
  backOffMs: readonly number[] = BACK_OFF_MS,
): AlertSender {
  const waiting: AlertMessage[] = [];
  const closing = new AbortController();
  let sending: Promise<void> | null = null;
  let failed = false;

  async function sendAll(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) delivered(await send(next));
    sending = null;
  }

  async function send(message: AlertMessage): Promise<'sent' | 'refused' | 'dropped'> {
    for (const waitMs of [...backOffMs, 0]) {
      if (closing.signal.aborted) break;
      const { ok, again, reason } = await once(message);
      if (ok) {
        failed = false;
        return 'sent';
      }
      if (!failed) failing(reason);
      failed = true;
      if (!again) return 'refused';
      await pause(waitMs / 2 + (Math.random() * waitMs) / 2, closing.signal);
    }
    return 'dropped';
  }

  async function once({ id, body }: AlertMessage): Promise<{ ok: boolean; again: boolean; reason: string }> {
    const seconds = String(Math.floor(wall() / 1000));
    try {
      // biome-ignore lint/style/noRestrictedGlobals: a receiver of alerts is no upstream: no call waits for it, and the primary has no lanes
      const answer = await fetch(hook.url, {
        method: 'POST',
        headers: {
          'user-agent': `headgate/${VERSION}`,
          ...hook.headers,
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': seconds,
          ...(hook.secret === null
            ? {}
            : { 'webhook-signature': signatureOf(hook.secret, id, seconds, body) }),
        },
        body,
        signal: abortBehindTurns(hook.timeoutMs),
        // Where it points to was not configured.
        redirect: 'manual',
      });
      await answer.body?.cancel();
      const again = answer.status >= 500 || answer.status === 429 || answer.status === 408;
      return { ok: answer.ok, again, reason: `status ${answer.status}` };
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const said = cause instanceof Error && cause.message !== '' ? cause : error;
      return { ok: false, again: true, reason: said instanceof Error ? said.message : String(said) };
    }
  }

  return {
    offer(message) {
      if (waiting.length >= MAX_WAITING) {
        delivered('dropped');
        return;
      }
      waiting.push(message);
      sending ??= sendAll();
    },
    async close(timeoutMs) {
      if (sending === null) return;
      const late = behindTurns(timeoutMs, () => closing.abort());
      await sending;
      late.clear();
    },
  };
}

/** `v1,` and the HMAC-SHA256 of id, time and body (standardwebhooks.com). A secret that is no `whsec_` is a text. */
export function signatureOf(secret: string, id: string, seconds: string, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
