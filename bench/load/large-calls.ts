// One client that sends the same large call again and again, a process of its own: `node bench/load/large-calls.ts JSON`. Ends when it is
// killed, or when a call is refused.
import { request } from 'node:http';
import type { Endpoint } from '../contract.ts';

export interface LargeCall {
  /** 2,048 embeddings at once, or 25 MB of sound in a form. */
  kind: 'batch' | 'upload';
  endpoint: Endpoint;
  /** Between an answer and the next call. */
  pauseMs: number;
}

const BATCH = 2_048;
const UPLOAD_BYTES = 25 * 1024 * 1024;

interface Payload {
  type: string;
  body: Buffer;
}

function batchFor({ model }: Endpoint): Payload {
  const input = Array.from(
    { length: BATCH },
    (_, at) => `Passage ${at}: what a headgate does, in some words of a text.`,
  );
  const body = Buffer.from(JSON.stringify({ model, input, encoding_format: 'base64' }));
  return { type: 'application/json', body };
}

function soundFor({ model }: Endpoint): Payload {
  const boundary = 'bench-boundary';
  const field = (about: string): string => `--${boundary}\r\ncontent-disposition: form-data; ${about}\r\n`;
  const body = Buffer.concat([
    Buffer.from(`${field('name="model"')}\r\n${model}\r\n`),
    Buffer.from(`${field('name="file"; filename="a.wav"')}content-type: audio/wav\r\n\r\n`),
    Buffer.alloc(UPLOAD_BYTES, 1),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}

function send({ port, path, headers }: Endpoint, { type, body }: Payload): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = { ...headers, 'content-type': type, 'content-length': body.length };
    const options = { host: '127.0.0.1', port, path, method: 'POST', agent: false, headers: sent };
    const call = request(options, (answer) => {
      answer.resume().on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`a large call was answered with ${answer.statusCode}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function main({ kind, endpoint, pauseMs }: LargeCall): Promise<never> {
  const payload = kind === 'batch' ? batchFor(endpoint) : soundFor(endpoint);
  for (;;) {
    await send(endpoint, payload);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

await main(JSON.parse(process.argv[2] ?? '{}') as LargeCall); // as the scenario wrote it
