// One small HTTP request of the edge's own: to the gate, or to an issuer of identities. What agents ask is streamed elsewhere.
import { nodeHttp, nodeHttps } from '../../../src/wire/node-http.ts';

/** How the other end is known, and how we are. PEM texts. */
export interface TlsMeans {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface PlainCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: TlsMeans;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

export interface PlainAnswer {
  readonly status: number;
  readonly text: string;
  /** Parsed JSON; null = it is none. */
  readonly json: unknown;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** Redirects are not followed. @throws Error with the system's code when nobody answers. */
export function plainCall(
  address: string,
  { method = 'GET', headers = {}, body = '', tls = {}, timeoutMs = 10_000 }: PlainCall = {},
): Promise<PlainAnswer> {
  const url = new URL(address);
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (secure ? nodeHttps() : nodeHttp()).request(url, {
      method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      ...(secure ? tls : {}),
    });
    request.on('error', reject);
    request.on('response', (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) request.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: answer.statusCode ?? 0, text, json: parsed(text) });
      });
    });
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
