// The provider of the bench: answers OpenAI chat calls at once from bytes made beforehand. `node bench/mock.ts PORT`.
// Streams: a role chunk, 64 deltas every 20 ms, a finish chunk, [DONE].
import { loadUws } from '../src/http/loader.ts';
import { DELTAS_PER_STREAM } from './frame-reader.ts';

const EVERY_MS = 20;

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta: unknown, finish: string | null): string =>
  event({
    id: 'chatcmpl-bench00000000000000000000',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'bench-model',
    system_fingerprint: 'fp_bench',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });

/** About 0.6 KB, as a short answer is. */
const ANSWER = JSON.stringify({
  id: 'chatcmpl-bench00000000000000000000',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'bench-model',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'The gate lets water into each channel. '.repeat(6),
        refusal: null,
      },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 180, completion_tokens: 48, total_tokens: 228 },
});
const HEAD = chunk({ role: 'assistant', content: '' }, null);
const TOKENS = Array.from({ length: DELTAS_PER_STREAM }, (_, i) => chunk({ content: `t${i} ` }, null));
const TAIL = `${chunk({}, 'stop')}data: [DONE]\n\n`;

const uws = loadUws();
const app = uws.App();

app.post('/v1/chat/completions', (res) => {
  let open = true;
  let timer: NodeJS.Timeout | undefined;
  res.onAborted(() => {
    open = false;
    clearInterval(timer);
  });
  let streamed = false;
  res.onData((part, isLast) => {
    streamed ||= Buffer.from(part).includes('"stream":true');
    if (!isLast || !open) return;
    if (!streamed) {
      res.cork(() => res.writeHeader('content-type', 'application/json').end(ANSWER));
      return;
    }
    res.cork(() => {
      res.writeHeader('content-type', 'text/event-stream');
      res.writeHeader('x-accel-buffering', 'no'); // nginx buffers answers otherwise
      res.write(HEAD);
    });
    let sent = 0;
    timer = setInterval(() => {
      if (sent < DELTAS_PER_STREAM) {
        const text = TOKENS[sent++]!;
        res.cork(() => res.write(text));
        return;
      }
      clearInterval(timer);
      res.cork(() => res.end(TAIL));
    }, EVERY_MS);
  });
});

app.any('/*', (res) => {
  res.cork(() => res.writeStatus('404 Not Found').end('{}'));
});

const port = Number(process.argv[2] ?? 0);
app.listen('127.0.0.1', port, (socket) => {
  if (socket === false) throw new Error(`port ${port} is taken`);
});
