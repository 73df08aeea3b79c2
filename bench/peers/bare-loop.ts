// The floor: uWebSockets.js in front, undici's dispatch behind, nothing between. No policy, no checks, no clocks.
// `node bench/peers/bare-loop.ts PORT UPSTREAM_PORT [PROCESSES]`. What Headgate costs above this is Headgate's own doing.
// Further processes are children that listen on the same port; the kernel deals the connections out.

import type { HttpResponse } from 'uWebSockets.js';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { loadUws } from '../../src/http/exchange/loader.ts';

const [port, upstreamPort, processes = 1] = process.argv.slice(2).map(Number) as [number, number, number?];
for (let i = 1; i < processes; i++) {
  fork(fileURLToPath(import.meta.url), [String(port), String(upstreamPort)]).on('exit', (code) => {
    throw new Error(`a child ended (${code})`);
  });
}
// A child does not outlive its parent.
process.on('disconnect', () => process.exit());

const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, {
  connections: 1024,
  headersTimeout: 0,
  bodyTimeout: 0,
  allowH2: false,
});
const HEADERS = { 'content-type': 'application/json', authorization: 'Bearer bench-upstream-key' };

const uws = loadUws();
const app = uws.App();

for (const path of ['/v1/chat/completions', '/v1/messages']) app.post(path, (res) => pass(res, path));

function pass(res: HttpResponse, path: string): void {
  let open = true;
  let abort: ((reason: Error) => void) | null = null;
  const gone = new Error('client left');
  res.onAborted(() => {
    open = false;
    abort?.(gone);
  });
  const parts: Buffer[] = [];
  res.onData((part, isLast) => {
    parts.push(Buffer.from(new Uint8Array(part)));
    if (!isLast) return;
    const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const answer: Buffer[] = [];
    let streamed = false;
    let failure = '';
    pool.dispatch(
      { path, method: 'POST', headers: HEADERS, body },
      {
        onRequestStart(controller) {
          abort = (reason) => controller.abort(reason);
        },
        onResponseStart(_controller, status, headers) {
          streamed = headers['content-type'] === 'text/event-stream';
          if (status !== 200) failure = `${status} Upstream`;
          if (!streamed || !open) return;
          res.cork(() => {
            res.writeStatus(`${status} OK`).writeHeader('content-type', 'text/event-stream');
          });
        },
        onResponseData(_controller, data) {
          if (!streamed) answer.push(data);
          else if (open) res.cork(() => res.write(data));
        },
        onResponseEnd() {
          if (!open) return;
          open = false;
          res.cork(() => {
            if (streamed) res.end();
            else {
              if (failure !== '') res.writeStatus(failure);
              res.writeHeader('content-type', 'application/json');
              res.end(answer.length === 1 ? answer[0]! : Buffer.concat(answer));
            }
          });
        },
        onResponseError() {
          if (!open) return;
          open = false;
          res.cork(() => res.writeStatus('502 Bad Gateway').end());
        },
      },
    );
  });
}

app.listen('127.0.0.1', port, (socket) => {
  if (socket === false) throw new Error(`port ${port} is taken`);
});
