import { describe, expect, it } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { sealProof } from '../proofs.ts';
import { mendHistory } from './history-mend.ts';
import { DUMMY_SIGNATURE, signatureText } from './signatures.ts';

const FOREIGN = signatureText(sealProof('anthropic', 'sig'), false);
const HIDDEN = signatureText(sealProof('anthropic', 'data'), true);

function mend(text: string, signedCalls = false) {
  const body = Buffer.from(text);
  const target = {
    model: 'gemini-x',
    provider: 'p',
    capabilities: { ...UNKNOWN_CAPABILITIES.gemini, signedCalls },
    streamUsage: true,
    defaultMaxTokens: 1,
    legacyMaxTokens: true,
    strict: false,
  };
  const mended = mendHistory(body, inspectBody(body), target);
  return mended === null
    ? null
    : { text: applyEdits(body, mended.edits).toString(), adapted: mended.adapted };
}

const content = (role: string, ...parts: string[]) => `{"role":"${role}" ,"parts":[ ${parts.join(' , ')} ]}`;
const body = (...contents: string[]) => `{ "contents" : [${contents.join(',')}], "x":1.0 }`;
const call = (signature?: string) =>
  `{"functionCall":{"name":"f","args":{"thoughtSignature":"mine"}}${signature === undefined ? '' : `,"thoughtSignature":${signature}`}}`;

describe('a history on its way to Gemini', () => {
  it("of Gemini's own is not touched", () => {
    const text = body(
      content('user', '{"text":"q"}'),
      content('model', '{"text":"a","thoughtSignature":"AA=="}', call('"AQ=="'), call()),
    );
    expect(mend(text, true)).toBeNull();
    expect(mend(body(content('model', call())))).toBeNull();
  });

  it("loses another maker's signatures, and says so", () => {
    const text = body(
      content(
        'model',
        `{"text":"hm","thought":true,"thoughtSignature":"${FOREIGN}"}`,
        call(`"${FOREIGN}"`),
        `{"text":"","thoughtSignature" : "${HIDDEN}"}`,
      ),
    );
    expect(mend(text)).toEqual({
      text: body(
        content(
          'model',
          '{"text":"hm","thought":true,"thoughtSignature":null}',
          call('null'),
          '{"text":"","thoughtSignature" : null}',
        ),
      ),
      adapted: ['contents[].parts[].thoughtSignature'],
    });
  });

  it('gets the dummy on the first call of each step that has no signature', () => {
    const dummy = `"${DUMMY_SIGNATURE}"`;
    const front = `{"thoughtSignature":${dummy},${call().slice(1)}`;
    const text = body(
      content('user', '{"text":"q"}'),
      content('model', call(), call()),
      content('user', '{"functionResponse":{"name":"f"}}'),
      content('model', call('"AA=="')),
      content('user', '{"functionResponse":{"name":"f"}}'),
      content('model', call(`"${FOREIGN}"`), call(`"${FOREIGN}"`)),
      content('user', '{"functionResponse":{"name":"f"}}'),
      content('model', call('null')),
    );
    expect(mend(text, true)?.text).toBe(
      body(
        content('user', '{"text":"q"}'),
        content('model', front, call()),
        content('user', '{"functionResponse":{"name":"f"}}'),
        content('model', call('"AA=="')),
        content('user', '{"functionResponse":{"name":"f"}}'),
        content('model', call(dummy), call('null')),
        content('user', '{"functionResponse":{"name":"f"}}'),
        content('model', call(dummy)),
      ),
    );
  });

  it('in snake case is read as well', () => {
    const text = body(content('model', '{"function_call":{"name":"f"}}'));
    expect(mend(text, true)?.text).toContain(`{"thoughtSignature":"${DUMMY_SIGNATURE}","function_call"`);
  });

  it('names the model of the path where the body names one', () => {
    expect(mend('{"model":"models/alias","contents":"hi"}')).toEqual({
      text: '{"model":"models/gemini-x","contents":"hi"}',
      adapted: [],
    });
  });

  it.each([
    '{"contents":"functionCall"}',
    '{"contents":[null,7,{"parts":7},{"parts":[7,{"functionCall":null}]}]}',
  ])('of any other shape is left to who refuses it: %s', (text) => {
    expect(() => mend(text, true)).not.toThrow();
  });
});
