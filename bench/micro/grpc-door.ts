// What a call by gRPC costs a worker beside the same call over HTTP/1.1, by either engine: CPU of the gateway's processes for each of many calls, one
// worker, a provider on loopback that answers at once. Rounds of the three take turns.
// Run: scripts/node node bench/micro/grpc-door.ts [path of the built cluster/cli.js]
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:http2';
import path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { ChatRequestSchema, Role } from '../../src/grpc/chat-messages.ts';
import { grpcFrame } from '../../src/wire/grpc.ts';
import { chatBody, chatPath } from '../../tests/kit/client.ts';
import { gateKey, startGateway } from '../../tests/kit/gateway.ts';
import { startMock } from '../../tests/kit/mock-upstream.ts';
import { freePort } from '../../tests/kit/port.ts';
import { testConfig } from '../../tests/kit/test-config.ts';

const CALLS = 1_500;
const ROUNDS = 5;
const WIDTH = 16;
/** Of the kernel's clock for processes, ms. */
const TICK_MS = 10;

const mock = await startMock();
const [grpc, node] = [await freePort(), await freePort()];
const config = testConfig(mock, {
  server: {
    listeners: [
      { port: grpc, host: '127.0.0.1', grpc: true },
      { port: node, host: '127.0.0.1', engine: 'node' },
    ],
  },
});
const program = process.argv[2] === undefined ? undefined : path.resolve(process.argv[2]);
const gateway = await startGateway({ config, ...(program !== undefined && { program }) });

/** CPU of the gateway and its worker so far, ms. */
function cpuMs(): number {
  const children = readFileSync(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8')
    .trim()
    .split(' ');
  return [String(gateway.pid), ...children].reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }, 0);
}

const bearer = `Bearer ${gateKey}`;
const body = JSON.stringify(chatBody('oa/ok'));
const agent = new Agent({ keepAlive: true, maxSockets: WIDTH });
const overHttp = (port: number) => (): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: bearer, 'content-type': 'application/json' };
    const call = request({ port, path: chatPath, method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`)),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
const session = connect(`http://127.0.0.1:${grpc}`);
const message = grpcFrame(
  toBinary(
    ChatRequestSchema,
    create(ChatRequestSchema, { model: 'oa/ok', messages: [{ role: Role.USER, text: 'hi' }] }),
  ),
);
const overGrpc = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/headgate.chat.v1.ChatService/Complete',
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: bearer,
    });
    let status = '';
    stream.on('response', (head) => (status = String(head['grpc-status'] ?? '')));
    stream.on('trailers', (trailers) => (status = String(trailers['grpc-status'] ?? status)));
    stream.on('close', () => (status === '0' ? resolve() : reject(new Error(`grpc-status ${status}`))));
    stream.on('error', reject);
    stream.resume();
    stream.end(message);
  });

async function round(one: () => Promise<void>, calls: number): Promise<number> {
  const before = cpuMs();
  let left = calls;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: WIDTH }, caller));
  return ((cpuMs() - before) * 1_000) / calls;
}

const ways = [
  ['HTTP/1.1, uWebSockets.js', overHttp(gateway.port)],
  ['HTTP/1.1, node', overHttp(node)],
  ['gRPC', overGrpc],
] as const;
for (const [, one] of ways) await round(one, CALLS);
const found = ways.map(() => [] as number[]);
for (let at = 0; at < ROUNDS; at++)
  for (const [which, [, one]] of ways.entries()) found[which]!.push(await round(one, CALLS));
for (const [which, [name]] of ways.entries()) {
  const median = found[which]!.sort((a, b) => a - b)[ROUNDS >> 1]!;
  console.log(`${name.padEnd(26)} ${median.toFixed(0).padStart(6)} us of CPU a call`);
}
session.destroy();
agent.destroy();
await gateway.stop();
await mock.close();
