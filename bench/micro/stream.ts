// What a streamed event costs where it is read: cut out of the bytes, then understood, with and without the memory of
// the chunk before it. Run: scripts/node node bench/micro/stream.ts
import type { StreamWatcher } from '../../src/contracts/dialect.ts';
import { createWatcher as createGeminiWatcher } from '../../src/dialects/gemini/stream-watch.ts';
import { createWatcher } from '../../src/dialects/openai-chat/stream-watch.ts';
import { createWatcher as createResponsesWatcher } from '../../src/dialects/openai-responses/stream-watch.ts';
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

// Deltas of Responses: numbered, so each stream is begun anew when its numbers are used up.
const DELTAS = 4096;
const DELTA = 'response.output_text.delta';
const delta = (at: number, padding: object): string =>
  JSON.stringify({
    type: DELTA,
    sequence_number: at + 3,
    item_id: 'msg_bench00000000000000000000000000000000',
    output_index: 0,
    content_index: 0,
    delta: `t${at & 63} `,
    logprobs: [],
    ...padding,
  });
const opening = [
  { type: 'response.created', sequence_number: 0, response: { id: 'resp_bench', model: 'bench-model' } },
  {
    type: 'response.output_item.added',
    sequence_number: 1,
    output_index: 0,
    item: { type: 'message', content: [] },
  },
  { type: 'response.content_part.added', sequence_number: 2, output_index: 0, content_index: 0, part: {} },
];

function begun(): StreamWatcher {
  const watcher = createResponsesWatcher();
  for (const event of opening) watcher.watch(event.type, JSON.stringify(event));
  return watcher;
}

for (const [name, padding] of [
  ['deltas of Responses', () => ({})],
  ['deltas of Responses with padding', (at: number) => ({ obfuscation: 'x'.repeat(at % 16) })],
] as const) {
  const texts = Array.from({ length: DELTAS }, (_, at) => delta(at, padding(at)));
  const events = texts.map((text) => Buffer.from(`event: ${DELTA}\ndata: ${text}\n\n`));
  const scanner = createSseScanner({ maxEventBytes: 1 << 20 });
  let watcher = begun();
  let at = 0;
  report(
    `scan: ${name}`,
    measure(() => scanner.push(events[at++ % DELTAS]!).count),
    events[0]!.length,
  );
  at = 0;
  report(
    `watch: ${name}`,
    measure(() => {
      if (at === DELTAS) {
        at = 0;
        watcher = begun();
      }
      return watcher.watch(DELTA, texts[at++]!).content ? 1 : 0;
    }),
  );
}

// Messages of Gemini: each with the usage so far.
const messages = Array.from({ length: 64 }, (_, at) =>
  JSON.stringify({
    candidates: [{ content: { parts: [{ text: `t${at} ` }], role: 'model' }, index: 0 }],
    usageMetadata: {
      promptTokenCount: 1_000,
      candidatesTokenCount: at + 1,
      totalTokenCount: at + 1_001,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1_000 }],
    },
    modelVersion: 'bench-model',
    responseId: 'bench000000000000000',
  }),
);
{
  const events = messages.map((text) => Buffer.from(`data: ${text}\r\n\r\n`));
  const scanner = createSseScanner({ maxEventBytes: 1 << 20 });
  const watcher = createGeminiWatcher();
  let at = 0;
  report(
    'scan: messages of Gemini',
    measure(() => scanner.push(events[at++ & 63]!).count),
    events[0]!.length,
  );
  report(
    'watch: messages of Gemini',
    measure(() => (watcher.watch('', messages[at++ & 63]!).content ? 1 : 0)),
  );
}
