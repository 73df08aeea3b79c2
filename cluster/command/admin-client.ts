// A call of the admin API from the command line: node:http, since a command must not wait for anything else to load.
import { nodeHttp, nodeHttps } from '../../src/wire/node-http.ts';

export interface AdminTarget {
  /** Of the gateway, or of the listener of its administration. */
  readonly url: string;
  /** A personal token. */
  readonly token: string;
}

/** The gateway refused, or could not be reached; the message is for the operator. */
export class AdminCallError extends Error {}

const ANSWER_MS = 30_000;

/** @returns the parsed body. @throws AdminCallError */
export function callAdmin(
  target: AdminTarget,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const url = new URL(path, target.url);
  const text = body === undefined ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? nodeHttps() : nodeHttp()).request(url, {
      method,
      timeout: ANSWER_MS,
      headers: {
        authorization: `Bearer ${target.token}`,
        'content-length': Buffer.byteLength(text),
        ...(text === '' ? {} : { 'content-type': 'application/json' }),
      },
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) =>
      reject(
        new AdminCallError(
          `${target.url} cannot be reached: ${'code' in error ? String(error.code) : error.message}`,
        ),
      ),
    );
    request.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const said = Buffer.concat(chunks).toString('utf8');
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(parsed(said));
        else reject(new AdminCallError(messageOf(said, status)));
      });
    });
    request.end(text);
  });
}

/** A list, all pages of it, as one. @throws AdminCallError */
export async function callPages(target: AdminTarget, path: string): Promise<unknown> {
  const items: unknown[] = [];
  for (let cursor = ''; ; ) {
    const joint = path.includes('?') ? '&' : '?';
    const page = await callAdmin(
      target,
      'GET',
      cursor === '' ? path : `${path}${joint}cursor=${encodeURIComponent(cursor)}`,
    );
    if (typeof page !== 'object' || page === null || !('items' in page) || !Array.isArray(page.items))
      return page;
    items.push(...page.items);
    const next = 'next' in page ? page.next : null;
    if (typeof next !== 'string') return { ...page, items };
    cursor = next;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(text: string, status: number): string {
  const body = parsed(text);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  return message === '' ? `the gateway answered with status ${status}` : `${message} (${status})`;
}
