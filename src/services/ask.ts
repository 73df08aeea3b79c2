// One small request to a service beside the models: an issuer's keys, a manager of secrets. Bounded in time and size; follows
// no redirect, since where to go is for the operator to say and nobody else.
import { Buffer } from 'node:buffer';
import type { Agent } from 'node:http';
import { behindTurns } from '../ipc/behind-reads.ts';
import { nodeHttp, nodeHttps } from '../wire/node-http.ts';

export interface ServiceRequest {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** Until the whole answer is there. */
  timeoutMs: number;
  maxBytes: number;
  /** Keeps connections, for who is asked often; without one each question has its own. */
  agent?: Agent | undefined;
}

export interface ServiceAnswer {
  status: number;
  body: Buffer;
}

/** Why there is no answer: an error code of the system, `timeout` or `too_large`. Holds no URL: there may be a secret in it. */
export class ServiceFault extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`no answer: ${reason}`);
    this.name = 'ServiceFault';
    this.reason = reason;
  }
}

/** @throws ServiceFault */
export function askService({
  method,
  url,
  headers,
  body,
  timeoutMs,
  maxBytes,
  agent,
}: ServiceRequest): Promise<ServiceAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const { request: open } = url.startsWith('https:') ? nodeHttps() : nodeHttp();
    const request = open(
      url,
      { method, headers: { ...headers, ...length }, agent: agent ?? false },
      (answer) => {
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxBytes) request.destroy(new ServiceFault('too_large'));
          else chunks.push(chunk);
        });
        answer.on('error', fail);
        answer.on('end', () => {
          timer.clear();
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) });
        });
      },
    );
    const timer = behindTurns(timeoutMs, () => request.destroy(new ServiceFault('timeout')));
    timer.unref();
    function fail(error: Error): void {
      timer.clear();
      if (error instanceof ServiceFault) reject(error);
      else reject(new ServiceFault('code' in error ? String(error.code) : 'broken'));
    }
    request.on('error', fail);
    request.end(body);
  });
}

/** The answer's JSON. @throws ServiceFault also for a status that is not 200 and a body that is no JSON. */
export async function askJson(request: ServiceRequest): Promise<unknown> {
  const { status, body } = await askService(request);
  if (status !== 200) throw new ServiceFault(`status_${status}`);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new ServiceFault('not_json');
  }
}
