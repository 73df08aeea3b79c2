// What a hook costs, from the gateway's side: a function in process, and a round trip over gRPC and HTTP to servers on loopback in a
// process of their own.
// Run: scripts/node node bench/micro/plugins.ts
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import type { PluginConfig } from '../../src/contracts/plugin-config.ts';
import type { PluginRunner } from '../../src/contracts/plugin-port.ts';
import { createNames } from '../../src/dns/names.ts';
import { RequestDecisionSchema } from '../../src/grpc/plugin-messages.ts';
import { createOverGrpc } from '../../src/plugins/over-grpc.ts';
import { createOverHttp } from '../../src/plugins/over-http.ts';
import { createGrpcChannel } from '../../src/upstream/http2/grpc-channel.ts';
import { startGrpcServer } from '../../tests/kit/grpc-server.ts';

const ROUNDS = 3_000;
const WARM = 500;

async function serve(): Promise<void> {
  const decision = toBinary(
    RequestDecisionSchema,
    create(RequestDecisionSchema, { metadata: { seen: 'yes' } }),
  );
  const { port: grpc } = await startGrpcServer('headgate.plugin.v1.Plugin', {
    unary: { OnRequest: (_call, answer) => answer(null, Buffer.from(decision)) },
  });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('{"metadata":{"seen":"yes"}}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send!({ grpc, http: (server.address() as AddressInfo).port });
}

async function ask(): Promise<void> {
  const child = fork(import.meta.filename);
  const [ports] = (await once(child, 'message')) as [{ grpc: number; http: number }];
  const config = (url: string) =>
    ({ name: 'p', url, hooks: ['onRequest'], options: {} }) as unknown as PluginConfig;
  const deps = { names: createNames(), now: () => performance.now(), random: Math.random };
  const silent = () => undefined;
  const grpc = await createOverGrpc(({ url }) => createGrpcChannel(url!, deps))(
    config(`grpc://127.0.0.1:${ports.grpc}`),
    silent,
  );
  const http = await createOverHttp(() => Date.now())(config(`http://127.0.0.1:${ports.http}/`), silent);
  await trips('gRPC', grpc);
  await trips('HTTP', http);
  grpc.close();
  http.close();
  child.kill();
}

const call = {
  id: 'req_0123456789abcdef',
  operation: 'chat',
  dialect: 'openai-chat',
  model: 'assistant',
  stream: true,
  key: 'app',
  team: 'support',
  organization: '',
  user: '',
  project: '',
  customer: '',
  tags: [],
  metadata: {},
};
const event = {
  call,
  headers: {},
  body: { model: 'assistant', messages: [{ role: 'user', content: 'x'.repeat(900) }] },
};

async function trips(name: string, runner: PluginRunner): Promise<void> {
  const times: number[] = [];
  let cpu = process.cpuUsage();
  for (let i = 0; i < WARM + ROUNDS; i++) {
    if (i === WARM) cpu = process.cpuUsage();
    const from = performance.now();
    await runner.run('onRequest', event, 5_000);
    if (i >= WARM) times.push(performance.now() - from);
  }
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (share: number) => `${times[Math.floor(times.length * share)]!.toFixed(3)} ms`;
  console.log(
    `hook over ${name}, 1 KB: p50 ${at(0.5)}, p99 ${at(0.99)}, ${Math.round((user + system) / ROUNDS)} us of our CPU`,
  );
}

if (process.send !== undefined) await serve();
else await ask();
