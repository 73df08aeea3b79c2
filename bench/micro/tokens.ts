// What counting a prompt's tokens costs by size of body (limits reserve by an estimate, which is a division).
// Run: scripts/node node bench/micro/tokens.ts
import { countBody } from '../../src/tokens/count-body.ts';
import { chatBody } from './bodies.ts';
import { report, summarise } from './measure.ts';

const ROUNDS = 15;

for (const [name, bytes] of [
  ['1 KB', 1024],
  ['8 KB', 8 * 1024],
  ['64 KB', 64 * 1024],
  ['1 MB', 1024 * 1024],
] as const) {
  const body = chatBody(bytes);
  const tokens = await countBody(body, 'openai-chat', 'gpt-4o-mini'); // loads the tokenizer
  const calls = Math.max(1, Math.round((512 * 1024) / bytes));
  const timings: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let call = 0; call < calls; call++) await countBody(body, 'openai-chat', 'gpt-4o-mini');
    timings.push(((performance.now() - start) * 1e6) / calls);
  }
  report(`count ${name}, ${tokens} tokens`, summarise(timings), body.length);
}
