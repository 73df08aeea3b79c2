// Starts the program of a peer and waits until a call went through it to the mock and back: from then on it can be measured.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dialect, Endpoint, Mock, PeerSetting, Route, RunningPeer } from '../contract.ts';
import { lastWords, start, stop } from '../processes.ts';

const READY_MS = 30_000;
const CALL_MS = 5_000;
/** Between tries. Short, so that a start is timed and not our patience. */
const AGAIN_MS = 5;

/** What clients present where a gateway checks keys; long, as LiteLLM wants it. */
export const CLIENT_KEY = 'sk-bench-client-key-0123456789abcdef0123456789abcdef';

export type Endpoints = Partial<Record<Route, Endpoint>>;

export interface Launch {
  name: string;
  command: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  endpoints: Endpoints;
  /** How long it may take to its first answer, ms. */
  readyMs?: number;
}

/** @throws when no call is answered in time, with the end of what the program wrote. Nothing is left running then. */
export async function serve(launch: Launch, setting: PeerSetting): Promise<RunningPeer> {
  const child = start(launch.command, launch.args, {
    cores: setting.cores,
    cwd: setting.folder,
    env: { NO_COLOR: '1', ...launch.env },
  });
  try {
    const [route, endpoint] = Object.entries(launch.endpoints)[0] as [Route, Endpoint];
    const deadline = Date.now() + (launch.readyMs ?? READY_MS);
    let fault = '';
    for (;;) {
      const answer = await call(endpoint, clientDialect(route));
      if (answer.status === 200) break;
      // Refused until it listens; afterwards the answer says more than the refusals before it.
      if (answer.status !== 0 || fault === '') fault = `${answer.status} ${answer.text}`;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${launch.name} ended before its first answer\n${lastWords(child)}`);
      }
      if (Date.now() > deadline) {
        throw new Error(
          `${launch.name} gave no answer in time (${fault.slice(0, 500)})\n${lastWords(child)}`,
        );
      }
      await sleep(AGAIN_MS);
    }
  } catch (error) {
    await stop(child);
    throw error;
  }
  return {
    name: launch.name,
    pid: child.pid ?? 0,
    endpoint: (route) => launch.endpoints[route] ?? null,
    stop: () => stop(child),
  };
}

/** What a client of a route speaks. */
export function clientDialect(route: Route): Dialect {
  return route.slice(0, route.indexOf('>')) as Dialect;
}

/** For peers that pass everything on as it is: the mock's own endpoints at another port. */
export function passedThrough(mock: Mock, port: number): Endpoints {
  return {
    'openai>openai': { ...mock.endpoint('openai'), port },
    'anthropic>anthropic': { ...mock.endpoint('anthropic'), port },
  };
}

/** A short call that both dialects understand. */
export function smallCall(model: string): string {
  return JSON.stringify({
    model,
    max_tokens: 16,
    messages: [{ role: 'user', content: 'Is the gate open?' }],
  });
}

export interface Answer {
  /** 0 when nothing answered. */
  status: number;
  text: string;
}

/** One call on a connection of its own. Never throws. */
export function call(
  endpoint: Endpoint,
  dialect: Dialect,
  body = smallCall(endpoint.model),
): Promise<Answer> {
  return new Promise((done) => {
    const version = dialect === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {};
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: endpoint.port,
        path: endpoint.path,
        method: 'POST',
        agent: false,
        timeout: CALL_MS,
        headers: { 'content-type': 'application/json', ...version, ...endpoint.headers },
      },
      (incoming) => {
        let text = '';
        incoming.on('data', (part) => {
          text += String(part);
        });
        incoming.on('error', (error) => done({ status: 0, text: error.message }));
        incoming.on('end', () => done({ status: incoming.statusCode ?? 0, text }));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', (error) => done({ status: 0, text: error.message }));
    outgoing.end(body);
  });
}

/** Chat Completions and Messages at their usual paths with the client's key, and the models that lead to either provider. */
export function gatewayEndpoints(port: number, toOpenai: string, toAnthropic: string): Endpoints {
  const chat = { port, path: '/v1/chat/completions', headers: { authorization: `Bearer ${CLIENT_KEY}` } };
  const messages = {
    port,
    path: '/v1/messages',
    headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' },
  };
  return {
    'openai>openai': { ...chat, model: toOpenai },
    'anthropic>anthropic': { ...messages, model: toAnthropic },
    'anthropic>openai': { ...messages, model: toOpenai },
    'openai>anthropic': { ...chat, model: toAnthropic },
  };
}
