// Rows as JSON to an address of the operator's, signed as Standard Webhooks are (standardwebhooks.com): HMAC-SHA-256 over id,
// time and body, so that its receiver knows whose they are, and that they are new.
import { createHmac } from 'node:crypto';
import type { WebhookCallback } from '../../src/contracts/log-receivers.ts';
import type { Outcome } from '../../src/observability/outbox.ts';
import { post } from '../../src/observability/post.ts';
import { RETRYABLE } from './retryable.ts';
import type { ToldCall } from './told-call.ts';

/** @param wall ms since 1970 */
export function createWebhook(
  { url, headers, secret, timeoutMs }: WebhookCallback,
  version: string,
  wall: () => number,
): (calls: readonly ToldCall[], id: string) => Promise<Outcome> {
  const key = secret === null ? null : keyOf(secret);
  return (calls, id) => {
    const body = Buffer.from(JSON.stringify(messageOf(calls, wall())));
    const seconds = String(Math.floor(wall() / 1_000));
    const webhookId = `msg_${id}`;
    return post({
      url,
      headers: {
        'user-agent': `headgate/${version}`,
        'content-type': 'application/json',
        ...headers,
        'webhook-id': webhookId,
        'webhook-timestamp': seconds,
        ...(key === null ? {} : { 'webhook-signature': signatureOf(key, webhookId, seconds, body) }),
      },
      body,
      timeoutMs,
      retryable: RETRYABLE,
    });
  };
}

function messageOf(calls: readonly ToldCall[], now: number): object {
  return {
    type: 'request_log.rows',
    timestamp: new Date(now).toISOString(),
    data: {
      rows: calls.flatMap(({ rows }) => rows),
      ...(calls.some(({ bodies }) => bodies.length > 0)
        ? { bodies: calls.flatMap(({ bodies }) => bodies) }
        : {}),
    },
  };
}

export function signatureOf(key: Buffer, id: string, seconds: string, body: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`;
}

/** `whsec_` and base64, as the standard has it; any other text by its bytes. */
export function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
}
