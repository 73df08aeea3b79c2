import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatAnswer, ChatRequest, Delta, Part, ReasoningPart } from '../contracts/chat.ts';
import { lastOrganization, openProof, openProofs, sealAnswer, sealingEncoder, sealProof } from './proofs.ts';

const signed = (signature: string, text = 'hm'): ReasoningPart => ({
  kind: 'reasoning',
  text,
  signature,
  redacted: null,
});
const hidden = (redacted: string): ReasoningPart => ({
  kind: 'reasoning',
  text: '',
  signature: null,
  redacted,
});
const said: Part = { kind: 'text', text: 'so', cache: null };
const request = (...parts: Part[]): ChatRequest =>
  ({ turns: [{ role: 'assistant', parts, name: null }] }) as unknown as ChatRequest;
const opened = (home: string | null, maker: string | undefined, ...parts: Part[]) => {
  const whole = request(...parts);
  openProofs(whole, home, maker === undefined ? {} : { maker });
  return { parts: whole.turns[0]!.parts, adapted: whole.adapted ?? [] };
};
const answer = (...parts: Part[]): ChatAnswer => ({ parts }) as unknown as ChatAnswer;

describe('an envelope', () => {
  it('gives back any text, and says whose it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (proof) => {
        expect(openProof(sealProof('anthropic', proof))).toEqual({
          maker: 'anthropic',
          organization: null,
          proof,
        });
      }),
    );
  });

  it.each(['', 'EqQBCkgIBRABGAI=', 'hg1.', 'hg1.anthropic', 'hg2.anthropic.aa'])('is not %j', (text) => {
    expect(openProof(text)).toBeNull();
  });
});

describe('a request', () => {
  it("keeps its dialect's own proofs for their maker, byte for byte", () => {
    const parts = [signed('sig'), hidden('data'), said];
    expect(opened('anthropic', 'anthropic', ...parts)).toEqual({ parts, adapted: [] });
  });

  it('opens what was wrapped for the maker', () => {
    const wrapped = [signed(sealProof('google', 'a+b==')), hidden(sealProof('google', 'x')), said];
    expect(opened('anthropic', 'google', ...wrapped)).toEqual({
      parts: [signed('a+b=='), hidden('x'), said],
      adapted: [],
    });
  });

  it.each([
    ['wrapped for another', [signed(sealProof('google', 'a')), hidden(sealProof('google', 'x'))]],
    ["of its dialect's maker", [signed('a'), hidden('x')]],
    ['that says it is of another', [{ ...signed('a'), maker: 'xai' }, hidden(sealProof('xai', 'x'))]],
  ])('has no proof %s left, and says so', (_what, parts) => {
    expect(opened('anthropic', 'openai', ...parts, said)).toEqual({
      parts: [
        {
          kind: 'reasoning',
          text: 'hm',
          signature: null,
          redacted: null,
          ...('maker' in parts[0]! && { maker: 'xai' }),
        },
        said,
      ],
      adapted: ['messages[].thinking'],
    });
  });

  it('loses a part that was nothing but another maker’s proof', () => {
    expect(opened(null, 'openai', signed(sealProof('google', 'a'), ''), said).parts).toEqual([said]);
  });

  it('trusts what nobody can tell the maker of', () => {
    expect(opened(null, 'anthropic', signed('a')).parts).toEqual([signed('a')]);
  });

  it('without proofs is not touched', () => {
    const plain: Part = { kind: 'reasoning', text: 'hm', signature: null, redacted: null };
    expect(opened('anthropic', 'openai', plain, said)).toEqual({ parts: [plain, said], adapted: [] });
  });
});

describe('an answer', () => {
  it("goes unwrapped to its maker's own dialect", () => {
    const whole = answer(signed('a'), said);
    expect(sealAnswer(whole, 'anthropic', 'anthropic').parts).toEqual(whole.parts);
  });

  it('goes wrapped to any other, and comes back as it was', () => {
    const parts = [signed('a'), hidden('x'), said];
    const sealed = sealAnswer(answer(...parts), null, 'anthropic');
    expect(sealed.parts[0]).toMatchObject({ signature: sealProof('anthropic', 'a') });
    expect(opened(null, 'anthropic', ...sealed.parts).parts).toEqual(parts);
  });

  it('streamed is wrapped whole, however its signature was split', () => {
    const seen: Delta[] = [];
    const encoder = sealingEncoder({ encode: (delta) => void seen.push(delta) }, 'google');
    const out = { emit: () => {}, emitLines: () => {} };
    const deltas: Delta[] = [
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'hm' },
      { kind: 'signature', index: 0, signature: 'a+' },
      { kind: 'signature', index: 0, signature: 'b' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'redacted', data: 'x' },
      { kind: 'close', index: 1 },
    ];
    for (const delta of deltas) encoder.encode(delta, out);
    expect(seen).toEqual([
      deltas[0],
      deltas[1],
      { kind: 'signature', index: 0, signature: sealProof('google', 'a+b') },
      deltas[4],
      { kind: 'open', index: 1, block: 'redacted', data: sealProof('google', 'x') },
      deltas[6],
    ]);
  });
});

describe('a proof that is good at one organisation', () => {
  const wrapped = (organization: string) => signed(sealProof('anthropic', 'sig', organization));
  const kept = (organization: string | undefined, ...parts: Part[]) => {
    const whole = request(...parts);
    openProofs(whole, null, { maker: 'anthropic', ...(organization !== undefined && { organization }) });
    return whole.turns[0]!.parts;
  };

  it('says so in its envelope', () => {
    const sealed = sealProof('anthropic', 'sig', 'acme_eu');
    expect(sealed).toBe('hg1.anthropic~acme_eu.c2ln');
    expect(openProof(sealed)).toEqual({ maker: 'anthropic', organization: 'acme_eu', proof: 'sig' });
  });

  it('is opened there, and where it does not matter', () => {
    expect(kept('acme', wrapped('acme'))).toEqual([signed('sig')]);
    expect(kept(undefined, wrapped('acme'))).toEqual([signed('sig')]);
    expect(kept('acme', signed(sealProof('anthropic', 'sig')))).toEqual([signed('sig')]);
  });

  it('is left out elsewhere, and its words stay', () => {
    expect(kept('other', wrapped('acme'))).toEqual([{ ...signed('sig'), signature: null }]);
    expect(kept('', hidden(sealProof('anthropic', 'x', 'acme')), said)).toEqual([said]);
  });

  it('is left out where it was refused', () => {
    const whole = request(signed('sig'), hidden('data'), said);
    openProofs(whole, 'anthropic', { maker: 'anthropic', dropProofs: true });
    expect(whole.turns[0]!.parts).toEqual([{ ...signed('sig'), signature: null }, said]);
    expect(whole.adapted).toEqual(['messages[].thinking']);
  });

  it.each([
    ['{"a":"hg1.anthropic~one.YQ","b":"hg1.anthropic~two.YQ","c":"hg1.google.YQ"}', 'two'],
    ['{"a":"hg1.google.YQ"}', null],
    ['hg1.', null],
    ['{}', null],
  ])('the last one of %s is of %s', (body, organization) => {
    expect(lastOrganization(Buffer.from(body))).toBe(organization);
  });
});
