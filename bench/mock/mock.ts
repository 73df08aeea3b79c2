// Starts the mock provider and speaks to it: behaviour, counters, and how to call it directly.
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Dialect, Endpoint, Mock } from '../contract.ts';
import { freePort, listening, start } from '../processes.ts';
import { MODEL } from './script.ts';

/** Given by gateways to the mock, which does not look at it. */
export const UPSTREAM_KEY = 'bench-upstream-key';

const BASE: Readonly<Record<Dialect, string>> = {
  openai: '/v1',
  responses: '/v1',
  anthropic: '',
  gemini: '/v1beta',
  bedrock: '',
};

/** Where a call of a dialect goes on the mock itself. Gemini and Bedrock say by path whether they stream: use `streamed`. */
export function mockPath(dialect: Dialect, streamed = false): string {
  switch (dialect) {
    case 'openai':
      return '/v1/chat/completions';
    case 'responses':
      return '/v1/responses';
    case 'anthropic':
      return '/v1/messages';
    case 'gemini':
      return `/v1beta/models/${MODEL}:${streamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
    case 'bedrock':
      return `/model/${MODEL}/${streamed ? 'converse-stream' : 'converse'}`;
  }
}

function mockHeaders(dialect: Dialect): Record<string, string> {
  if (dialect === 'anthropic') return { 'x-api-key': UPSTREAM_KEY, 'anthropic-version': '2023-06-01' };
  if (dialect === 'gemini') return { 'x-goog-api-key': UPSTREAM_KEY };
  return { authorization: `Bearer ${UPSTREAM_KEY}` };
}

/** @param idle it answers only when nobody else wants its core. @throws when it does not listen in time. */
export async function startMock(cores: readonly number[], idle = false): Promise<Mock> {
  const port = await freePort();
  const script = fileURLToPath(new URL('./server.ts', import.meta.url));
  const child = start(process.execPath, [script, String(port)], { cores, idle });
  await listening(port, child);
  const control = async (change: object): Promise<void> => {
    await ask(port, 'POST', '/control', JSON.stringify(change));
  };
  return {
    port,
    child,
    baseUrl: (dialect) => `http://127.0.0.1:${port}${BASE[dialect]}`,
    endpoint: (dialect): Endpoint => ({
      port,
      path: mockPath(dialect),
      headers: mockHeaders(dialect),
      model: MODEL,
    }),
    set: control,
    reset: () => control({ reset: true }),
    usage: async () =>
      JSON.parse(await ask(port, 'GET', '/usage')) as { requests: number; cpuMicros: number },
  };
}

/** @throws with the answer when it is not 200. */
function ask(port: number, method: string, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', method, path, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += String(part);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`the mock answered ${answer.statusCode} to ${path}: ${text}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
