import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { splice } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { sealProof } from '../proofs.ts';
import { mendHistory } from './history-mend.ts';
import { encodeRedacted } from './redacted.ts';

function mended(messages: string, maker = 'anthropic') {
  const body = Buffer.from(`{ "system":[ ], "messages" : ${messages},"x":1.0}`);
  const target = { model: 'm', maker, capabilities: UNKNOWN_CAPABILITIES.bedrock } as EncodeTarget;
  const found = mendHistory(body, inspectBody(body), target);
  if (found === null) return null;
  const out = splice(body, found.edits);
  return {
    text: (Buffer.isBuffer(out) ? out : Buffer.concat(out.pieces())).toString(),
    adapted: found.adapted,
  };
}

const thought = (proof: string): string =>
  `{"reasoningContent":{"reasoningText":{"text":"hm","signature":"${proof}"}}}`;
const redacted = (data: string): string =>
  `{"reasoningContent":{"redactedContent":"${encodeRedacted(data)}"}}`;
const assistant = (...blocks: string[]): string => `{"role":"assistant","content":[${blocks.join(',')}]}`;
const call = (id: string): string => `{"toolUse":{"toolUseId":"${id}","name":"f","input":{"n":1.0}}}`;
const answered = (...ids: string[]): string =>
  `{"role":"user","content":[${ids.map((id) => `{"toolResult":{"toolUseId":"${id}","content":[]}}`).join(',')}]}`;

describe('a history on its way to Bedrock', () => {
  test('is not looked into where nothing of ours is in it', () => {
    expect(mended(`[${assistant(thought('c2ln'), call('a'), call('b'))},${answered('b', 'a')}]`)).toBeNull();
    expect(mended('7')).toBeNull();
  });

  test('has the proofs of the model’s own maker unwrapped, and no other', () => {
    const own = sealProof('anthropic', 's+/=');
    const foreign = sealProof('openai', 'x');
    const messages = `[{"role":"user","content":[{"text":"q"}]},${assistant(thought(own), thought(foreign), redacted(own), redacted(foreign), '{"text":"so"}')}]`;
    expect(mended(messages)).toEqual({
      text: `{ "system":[ ], "messages" : [{"role":"user","content":[{"text":"q"}]},${assistant(thought('s+/='), redacted('s+/='), '{"text":"so"}')}],"x":1.0}`,
      adapted: ['messages[].content[].reasoningContent'],
    });
  });

  test('loses a message that held nothing else', () => {
    const foreign = sealProof('google', 'x');
    expect(
      mended(`[{"role":"user","content":[{"text":"q"}]},${assistant(thought(foreign))}]`)?.text,
    ).toContain('"messages" : [{"role":"user","content":[{"text":"q"}]}],');
  });

  test('has ids that the model takes, each once, calls and results alike', () => {
    const messages = `[${assistant(call('a b'), call('same'))},${answered('same', 'a b')},${assistant(call('same'))},${answered('same')}]`;
    expect(mended(messages)).toEqual({
      text: `{ "system":[ ], "messages" : [${assistant(call('a_x20_b'), call('same'))},${answered('same', 'a_x20_b')},${assistant(call('same_2'))},${answered('same_2')}],"x":1.0}`,
      adapted: ['messages[].content[].toolUseId'],
    });
    const long = 'x'.repeat(300);
    expect(mended(`[${assistant(call(long))},${answered(long)}]`)?.text).not.toContain(long);
  });
});
