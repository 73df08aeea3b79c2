// Drives unary load with wrk: closed loop, keep-alive, one thread.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chatBody } from './chat-body.ts';
import { CLIENT_KEY } from './targets.ts';

export interface WrkOptions {
  port: number;
  core: number;
  seconds: number;
  connections: number;
  folder: string;
}

export interface WrkResult {
  requests: number;
  /** Answers other than 2xx or 3xx, and socket errors. */
  failed: number;
  perSecond: number;
}

/** @throws when wrk fails or prints something else than expected. */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const script = join(options.folder, 'chat.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.body = [==[${chatBody(false)}]==]
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${CLIENT_KEY}"
`,
  );
  const url = `http://127.0.0.1:${options.port}/v1/chat/completions`;
  const args = ['-t1', `-c${options.connections}`, `-d${options.seconds}s`, '-s', script, url];
  const child = spawn('taskset', ['-c', String(options.core), 'wrk', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const part of child.stdout) text += String(part);
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  if (!(requests > 0)) throw new Error(`wrk measured nothing:\n${text}`);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const broken = errors === null ? 0 : errors.slice(1).reduce((sum, count) => sum + Number(count), 0);
  return { requests, failed: refused + broken, perSecond: requests / options.seconds };
}
