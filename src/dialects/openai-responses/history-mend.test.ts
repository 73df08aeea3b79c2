import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { sealProof } from '../proofs.ts';
import { mendHistory } from './history-mend.ts';

const target: EncodeTarget = {
  model: 'gpt-x',
  provider: 'openai',
  maker: 'openai',
  capabilities: UNKNOWN_CAPABILITIES['openai-responses'],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};

function mended(text: string): string | null {
  const body = Buffer.from(text);
  const found = mendHistory(body, inspectBody(body), target);
  return found === null ? null : applyEdits(body, found.edits).toString();
}

const reasoning = (proof: string): string =>
  `{"type":"reasoning","summary":[],"encrypted_content":${JSON.stringify(proof)}}`;
const foreign = reasoning(sealProof('anthropic', 'sig'));
const user = '{"role" : "user","content":"hi \\u00e9"}';

describe('a history on its way to OpenAI', () => {
  test('stays as it is where no other maker’s reasoning stands in it', () => {
    expect(mended(`{"model":"m","input":[${user},${reasoning('gAAAAB')}]}`)).toBeNull();
    expect(mended('{"model":"m","input":"tell me what hg1. is"}')).toBeNull();
    expect(mended(`{"model":"m","input":[{"role":"user","content":"hg1.anthropic.c2ln"}]}`)).toBeNull();
  });

  test('loses another maker’s reasoning with one comma, wherever it stands', () => {
    const redacted = reasoning(`redacted.${sealProof('anthropic', 'data')}`);
    expect(mended(`{"model":"m","input":[${foreign} , ${user}]}`)).toBe(`{"model":"m","input":[${user}]}`);
    expect(mended(`{"input":[${user},${foreign},${redacted}],"model":"m"}`)).toBe(
      `{"input":[${user}],"model":"m"}`,
    );
    expect(mended(`{"input":[${user}, ${redacted},${user}],"model":"m"}`)).toBe(
      `{"input":[${user},${user}],"model":"m"}`,
    );
  });

  test('gets its own reasoning back unwrapped', () => {
    expect(mended(`{"input":[${reasoning(sealProof('openai', 'gAAAAB'))},${user}],"model":"m"}`)).toBe(
      `{"input":[${reasoning('gAAAAB')},${user}],"model":"m"}`,
    );
  });
});
