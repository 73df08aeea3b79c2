// What a model server by gRPC adds to a call, from the gateway's side: ModelInfer and ModelStreamInfer of a server on loopback in a process of
// its own, as a provider's connections have them (JSON to message, HTTP/2, message to JSON). The server answers at once, so all of it is ours and its.
// Run: scripts/node node bench/micro/model-server.ts
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { JsonObject } from '../../src/contracts/json.ts';
import type { Upstream } from '../../src/contracts/upstream.ts';
import { chat, modelServer, send } from '../../tests/kit/grpc-provider.ts';
import { startGrpcServer } from '../../tests/kit/grpc-server.ts';
import { textTensor, writeMessage } from '../../tests/kit/model-protos.ts';

const ROUNDS = 3_000;
const WARM = 1_000;
const WIDTH = 32;
const KILOBYTE = 'x'.repeat(1_000);

async function serve(): Promise<void> {
  const response = { outputs: [textTensor('text_output', KILOBYTE)] };
  const whole = writeMessage('inference.ModelInferResponse', response);
  const piece = writeMessage('inference.ModelStreamInferResponse', { infer_response: response });
  const { port } = await startGrpcServer('inference.GRPCInferenceService', {
    unary: { ModelInfer: (_call, done) => done(null, whole) },
    bidi: {
      ModelStreamInfer(call) {
        call.on('data', () => call.write(piece));
        call.on('end', () => call.end());
      },
    },
  });
  process.send!(port);
}

async function ask(): Promise<void> {
  const child = fork(import.meta.filename, { env: { ...process.env, SERVE: '1' } });
  const [port] = (await once(child, 'message')) as [number];
  const unary = modelServer(port);
  const streamed = modelServer(port, { protocol: 'triton' });
  await trips('ModelInfer, one at a time', unary, chat(KILOBYTE), 1);
  await trips('ModelStreamInfer, one at a time', streamed, chat(KILOBYTE, { stream: true }), 1);
  await trips(`ModelInfer, ${WIDTH} at once`, unary, chat(KILOBYTE), WIDTH);
  await Promise.all([unary.close(), streamed.close()]);
  child.kill();
}

async function trips(name: string, upstream: Upstream, body: JsonObject, width: number): Promise<void> {
  const times: number[] = [];
  let left = ROUNDS + WARM;
  let cpu = process.cpuUsage();
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      if (left === ROUNDS) cpu = process.cpuUsage();
      const began = performance.now();
      const { status, error } = await send(upstream, body).over;
      if (status !== 200) throw error ?? new Error(`status ${status}`);
      if (left < ROUNDS) times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: width }, one));
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (part: number): string => times[Math.floor(times.length * part)]!.toFixed(3).padStart(8);
  const each = ((user + system) / times.length).toFixed(0).padStart(5);
  console.log(`${name.padEnd(36)} p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  ${each} us of CPU a call here`);
}

await (process.env['SERVE'] === '1' ? serve() : ask());
