// Inline or thread, by size of body: how long the event loop is held up by one request, and how long the request takes.
// docs/decisions/0003-offload-threshold.md is written from this. Run: scripts/node node bench/micro/offload.ts
import { performance } from 'node:perf_hooks';
import { inspectBody } from '../../src/body/inspect.ts';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import { translateBody } from '../../src/dialects/translate.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { createThreadPool } from '../../workers/thread-pool.ts';
import { chatBody } from './bodies.ts';
import { summarise } from './measure.ts';

const KB = 1024;
const SIZES = [4, 16, 32, 64, 128, 256, 512, 1024, 4096].map((size) => size * KB);
const ROUNDS = 15;

const never = new AbortController().signal;
const from = dialectByName('openai-chat');
const to = dialectByName('anthropic');
const target: EncodeTarget = {
  model: 'claude-x',
  provider: 'anthropic',
  capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
  streamUsage: false,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};

/** One task at a time, `calls` times; microseconds per call of the loop being busy, and from call to answer. */
async function measureCalls(
  run: () => Promise<unknown> | undefined,
  calls: number,
): Promise<[number, number]> {
  const busy: number[] = [];
  const wall: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await new Promise(setImmediate);
    const before = performance.eventLoopUtilization();
    const start = performance.now();
    for (let call = 0; call < calls; call++) {
      const made = run();
      if (made !== undefined) await made;
    }
    wall.push(((performance.now() - start) * 1000) / calls);
    busy.push((performance.eventLoopUtilization(before).active * 1000) / calls);
  }
  return [summarise(busy).medianNs, summarise(wall).medianNs];
}

const pool = createThreadPool({ threads: 1, maxQueue: 10 });
await pool.warm();
let sink = 0;
let body: Buffer;
const works = [
  {
    name: 'inspect',
    inline: (): undefined => {
      sink += inspectBody(body).promptBytes;
    },
    offload: async () => {
      // The body comes back and is sent again: nothing but the work is measured.
      body = (await pool.inspect(body, false, never)).body;
    },
  },
  {
    name: 'translate',
    inline: (): undefined => {
      sink += Buffer.from(translateBody(body, false, from, to, target).body).length;
    },
    offload: async () => {
      const { encoded } = await pool.translate(body, false, 'openai-chat', 'anthropic', target, never);
      sink += Buffer.from(encoded.body).length;
    },
  },
];
const cells = (values: (string | number)[]): string =>
  values.map((value) => (typeof value === 'number' ? value.toFixed(0) : value).padStart(16)).join('');
for (const { name, inline, offload } of works) {
  for (const accents of [false, true]) {
    console.log(`\n${name}, ${accents ? 'text with accents' : 'ASCII'}, us per request`);
    console.log(cells(['KB', 'inline', 'thread: loop', 'thread: answer']));
    for (const size of SIZES) {
      body = Buffer.from(new Uint8Array(chatBody(size, { accents })).buffer);
      const calls = Math.max(5, Math.round((2048 * KB) / size));
      const [, inlineUs] = await measureCalls(inline, calls);
      const [loopUs, answerUs] = await measureCalls(offload, calls);
      console.log(cells([size / KB, inlineUs, loopUs, answerUs]));
    }
  }
}
await pool.close();
console.log(`\n(${sink} bytes seen)`);
