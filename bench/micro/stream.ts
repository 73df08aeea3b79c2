// What a streamed event costs where it is read: cut out of the bytes, then understood, with and without the memory of
// the chunk before it. Run: scripts/node node bench/micro/stream.ts
import { createWatcher } from '../../src/dialects/openai-chat/stream-watch.ts';
import { createSseScanner } from '../../src/wire/sse-scanner.ts';
import { measure, report } from './measure.ts';

const chunk = (at: number, padding: object): string =>
  JSON.stringify({
    id: 'chatcmpl-bench00000000000000000000',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'bench-model',
    choices: [{ index: 0, delta: { content: `t${at} ` }, logprobs: null, finish_reason: null }],
    ...padding,
  });
const alike = Array.from({ length: 64 }, (_, at) => chunk(at, {}));
const padded = Array.from({ length: 64 }, (_, at) => chunk(at, { obfuscation: 'x'.repeat(at % 16) + at }));

for (const [name, texts] of [
  ['chunks alike but for their text', alike],
  ['chunks with padding', padded],
] as const) {
  const events = texts.map((text) => Buffer.from(`data: ${text}\n\n`));
  const scanner = createSseScanner({ maxEventBytes: 1 << 20 });
  const watcher = createWatcher({ includeUsage: true });
  let at = 0;
  report(
    `scan: ${name}`,
    measure(() => scanner.push(events[at++ & 63]!).count),
    events[0]!.length,
  );
  report(
    `watch: ${name}`,
    measure(() => (watcher.watch('', texts[at++ & 63]!).content ? 1 : 0)),
  );
}
