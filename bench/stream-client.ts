// Drives streams over plain sockets and reads every frame: counts deltas and proves that none is lost, doubled or
// out of order. `node bench/stream-client.ts PORT STREAMS WARM_MS MEASURE_MS` prints `begin` and `end` lines with the
// deltas so far (the parent reads the CPU clock at each), then a verdict.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatBody } from './chat-body.ts';
import { DELTAS_PER_STREAM, FrameReader } from './frame-reader.ts';
import { CLIENT_KEY } from './targets.ts';

const [port, streams, warmMs, measureMs] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
];
const body = chatBody(true);
const request =
  `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
  `authorization: Bearer ${CLIENT_KEY}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
/** A stream that brings nothing for so long is lost. */
const STALLED_MS = 10_000;

let deltas = 0;
let complete = 0;
let stopping = false;
const faults: string[] = [];

/** One connection that asks for stream after stream until told to stop. */
function run(): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.setTimeout(STALLED_MS, () => fail('stalled'));
    let reader = new FrameReader();
    const fail = (what: string): void => {
      faults.push(what);
      socket.destroy();
      resolve();
    };
    const next = (): void => {
      reader = new FrameReader();
      socket.write(request);
    };
    socket.on('connect', next);
    socket.on('data', (bytes) => {
      const before = reader.deltas;
      try {
        reader.push(bytes);
      } catch (error) {
        fail(String(error));
        return;
      }
      deltas += reader.deltas - before;
      if (!reader.ended) return;
      if (reader.deltas !== DELTAS_PER_STREAM || !reader.done) {
        fail(`a stream ended after ${reader.deltas} deltas, done: ${reader.done}`);
        return;
      }
      complete++;
      if (!stopping) next();
      else {
        socket.end();
        resolve();
      }
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => {
      if (!reader.ended) fail('closed in mid-stream');
    });
  });
}

const runs: Promise<void>[] = [];
for (let i = 0; i < streams; i++) {
  // Spread over a second, so that the mock's ticks do not coincide.
  runs.push(sleep((i * 1000) / streams).then(run));
}
await sleep(1000 + warmMs);
process.stdout.write(`begin ${deltas}\n`);
await sleep(measureMs);
process.stdout.write(`end ${deltas}\n`);
stopping = true;
await Promise.all(runs);
process.stdout.write(
  `verdict ${JSON.stringify({ complete, faults: faults.length, first: faults[0] ?? null })}\n`,
);
