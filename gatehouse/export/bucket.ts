// Objects into a bucket of a service that speaks S3: one signed PUT each. An object is there whole or not at all.
import { hash } from 'node:crypto';
import { createSigner } from '../../src/aws/signer.ts';
import type { LogExportConfig } from '../../src/contracts/log-receivers.ts';
import type { Outcome } from '../../src/observability/outbox.ts';
import { reasonOf } from '../../src/observability/post.ts';

const TIMEOUT_MS = 60_000;
const MAX_REASON = 200;

export interface Bucket {
  /** @param key without the prefix. Never rejects. */
  put(key: string, body: Buffer): Promise<Outcome>;
}

/** @param wall ms since 1970 */
export function createBucket(config: LogExportConfig, wall: () => number): Bucket {
  const signer = createSigner();
  const { accessKeyId, secretAccessKey, sessionToken, bucket, region, prefix, pathStyle } = config;
  const base = new URL(config.endpoint);
  if (!pathStyle) base.host = `${bucket}.${base.host}`;
  const place = { host: base.host, prefix: '', query: '', region, service: 's3' };
  const credentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === null ? {} : { sessionToken }),
  };

  async function once(path: string, body: Buffer): Promise<Outcome> {
    const now = wall();
    const headers = signer.sign(
      place,
      credentials,
      'PUT',
      path,
      {
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
        'x-amz-content-sha256': hash('sha256', body, 'hex'),
      },
      body,
      now,
    );
    // biome-ignore lint/style/noRestrictedGlobals: storage of the operator's is no upstream: no call waits for it
    const answer = await fetch(`${base.origin}${path}`, {
      method: 'PUT',
      headers,
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    });
    const text = await answer.text();
    if (answer.ok) return { kind: 'taken' };
    const code = /<Code>([^<]{1,100})<\/Code>/.exec(text)?.[1] ?? '';
    const reason = `status ${answer.status} ${code}`.trim().slice(0, MAX_REASON);
    const otherClock =
      code === 'RequestTimeTooSkewed' &&
      signer.refused(place.host, answer.headers.get('date') ?? undefined, now);
    const again = otherClock || answer.status >= 500 || answer.status === 429 || answer.status === 408;
    return again ? { kind: 'later', reason, afterMs: 0 } : { kind: 'refused', reason };
  }

  return {
    async put(key, body) {
      const name = prefix === '' ? key : `${prefix}/${key}`;
      const path = `${pathStyle ? `/${bucket}` : ''}/${name.split('/').map(encoded).join('/')}`;
      try {
        return await once(path, body);
      } catch (error) {
        return { kind: 'later', reason: reasonOf(error).slice(0, MAX_REASON), afterMs: 0 };
      }
    },
  };
}

/** As S3 canonicalises: all but unreserved characters. */
function encoded(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
