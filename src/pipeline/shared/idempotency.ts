// Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): the same key and request of one caller get the same answer, made
// once. Another request under a key that was used is refused.
import { hash } from 'node:crypto';
import type { Call, Stage } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** Printable ASCII; as a quoted string too, as the draft writes it. */
const VALID = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

export function createIdempotency(answers: Pick<SharedAnswers, 'share'>): Stage {
  return (call) => {
    const key = call.head.headers.get('idempotency-key');
    if (key === undefined || call.body === null) return 'continue';
    if (!VALID.test(key))
      return new GatewayError('GW_CLIENT_BAD_HEADER', {
        message: 'Idempotency-Key: expected 1 to 255 printable ASCII characters.',
      });
    const { ttlMs, maxAnswerBytes } = call.snapshot.config.idempotency;
    const owner = call.principal!.id;
    return answers.share(call, {
      name: hash('sha256', `idempotency ${owner.length}:${owner} ${key}`, 'base64url'),
      print: printOf(call, call.body),
      maxBytes: maxAnswerBytes,
      ttlMs,
      claimed: true,
    });
  };
}

function printOf({ head }: Call, body: Buffer): string {
  const place = Buffer.from(`${head.method} ${head.path}?${head.query}\n`);
  return hash('sha256', Buffer.concat([place, body]), 'base64url');
}
