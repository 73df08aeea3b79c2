// One call, its answer read whole: for looking at what comes back, not for timing load.
import { request } from 'node:http';
import type { Dialect, Endpoint } from '../contract.ts';

export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** The least that each dialect takes; `model` is named in the body only where the dialect does so. */
export function smallBody(dialect: Dialect, model: string, stream: boolean): string {
  const question = 'What does a headgate do?';
  switch (dialect) {
    case 'openai':
    case 'anthropic':
      return JSON.stringify({
        model,
        max_tokens: 64,
        stream,
        messages: [{ role: 'user', content: question }],
      });
    case 'responses':
      return JSON.stringify({ model, max_output_tokens: 64, stream, input: question });
    case 'gemini':
      return JSON.stringify({ contents: [{ role: 'user', parts: [{ text: question }] }] });
    case 'bedrock':
      return JSON.stringify({ messages: [{ role: 'user', content: [{ text: question }] }] });
  }
}

/** @throws when there is no answer within `timeoutMs`. */
export function singleCall(endpoint: Endpoint, body: string, timeoutMs = 10_000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: endpoint.port,
        path: endpoint.path,
        method: 'POST',
        agent: false,
        headers: {
          ...endpoint.headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            contentType: answer.headers['content-type'] ?? '',
            body: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', reject);
    call.end(body);
  });
}
