// Histories on the byte path whose own maker refused their proofs of reasoning: all are taken out, and nothing else.
import { describe, expect, it } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import { applyEdits } from '../body/splice.ts';
import type { EncodeTarget } from '../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { dialectByName } from '../registry/dialects.ts';
import { DUMMY_SIGNATURE } from './gemini/signatures.ts';

const asked = { role: 'user', content: 'hi' };

/** A history with proofs, and what is left of it. */
const HISTORIES: readonly (readonly [name: DialectName, model: string, before: object, after: object])[] = [
  [
    'anthropic',
    'claude-x',
    {
      messages: [
        asked,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'x' },
            { type: 'text', text: 'so' },
          ],
        },
        asked,
      ],
    },
    { messages: [asked, { role: 'assistant', content: [{ type: 'text', text: 'so' }] }, asked] },
  ],
  [
    'bedrock',
    'anthropic.claude-x',
    {
      messages: [
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'hm', signature: 'c2ln' } } },
            { reasoningContent: { redactedContent: 'eA==' } },
            { text: 'so' },
          ],
        },
      ],
    },
    { messages: [{ role: 'assistant', content: [{ text: 'so' }] }] },
  ],
  [
    'openai-responses',
    'gpt-x',
    {
      input: [
        asked,
        { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
        asked,
      ],
    },
    { input: [asked, { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] }, asked] },
  ],
  [
    'gemini',
    'gemini-x',
    {
      contents: [
        {
          role: 'model',
          parts: [
            { text: 'so', thoughtSignature: 'AA==' },
            { functionCall: { name: 'f', args: {} }, thoughtSignature: 'AQ==' },
          ],
        },
      ],
    },
    {
      contents: [
        {
          role: 'model',
          parts: [
            { text: 'so', thoughtSignature: null },
            { functionCall: { name: 'f', args: {} }, thoughtSignature: DUMMY_SIGNATURE },
          ],
        },
      ],
    },
  ],
];

describe.each(HISTORIES)(
  'a history on its way to %s that refused its proofs',
  (name, model, before, after) => {
    const target: EncodeTarget = {
      model,
      provider: 'p',
      maker: dialectByName(name).manner.maker!,
      capabilities: { ...UNKNOWN_CAPABILITIES[name], signedCalls: true },
      streamUsage: true,
      defaultMaxTokens: 4096,
      legacyMaxTokens: false,
      strict: false,
    };
    const body = Buffer.from(JSON.stringify(before));
    const mend = (dropProofs: boolean) =>
      dialectByName(name).chat.mend!(body, inspectBody(body), { ...target, dropProofs });

    it('loses them all and says so', () => {
      const { edits, adapted } = mend(true)!;
      expect(JSON.parse(applyEdits(body, edits).toString())).toEqual(after);
      expect(adapted).toHaveLength(1);
    });

    it('keeps them before', () => expect(mend(false)).toBeNull());
  },
);
