// One question to a service of the operator's, in JSON, over connections that are kept. Bounded in time and size; follows no
// redirect: where to go is for the operator to say and nobody else.
import { Buffer } from 'node:buffer';
import type { Agent } from 'node:http';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../../dialects/read.ts';
import { nodeHttp, nodeHttps } from '../../wire/node-http.ts';

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_SOCKETS = 64;
const IDLE_MS = 15_000;

export interface Post {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
}

/** @returns what it answered with a status of 2xx. Rejects otherwise. */
export type PostJson = (post: Post) => Promise<JsonObject>;

/** With connections of its own. */
export function createPostJson(): PostJson {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS };
  // Made for the first question: most gateways ask none.
  let http: Agent | undefined;
  let https: Agent | undefined;
  return ({ url, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const secure = url.startsWith('https:');
      const { request: open } = secure ? nodeHttps() : nodeHttp();
      const chunks: Buffer[] = [];
      let bytes = 0;
      const request = open(
        url,
        {
          method: 'POST',
          agent: secure
            ? (https ??= new (nodeHttps().Agent)(options))
            : (http ??= new (nodeHttp().Agent)(options)),
          signal,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            ...headers,
            'content-length': String(Buffer.byteLength(body)),
          },
        },
        (answer) => {
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > MAX_ANSWER_BYTES) request.destroy(new Error('its answer is too large'));
            else chunks.push(chunk);
          });
          answer.on('error', reject);
          answer.on('end', () => {
            const status = answer.statusCode ?? 0;
            if (status < 200 || status >= 300) reject(new Error(`status ${status}`));
            else {
              const value = parsed(Buffer.concat(chunks).toString('utf8'));
              if (value === null) reject(new Error('its answer is no JSON object'));
              else resolve(value);
            }
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
}

/** Object or list: a list stands under `list`. */
function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return { list: value };
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
