import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatAnswer, ChatRequest, Part, ReasoningPart } from '../contracts/chat.ts';
import { lastOrganization, openProof, openProofs, sealAnswer, sealProof } from './proofs.ts';

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
          joined: false,
        });
      }),
    );
  });

  it('says that its proof stood on the part behind', () => {
    expect(sealProof('google', 'sig', 'acme', true)).toBe('hg1.google+~acme.c2ln');
    expect(openProof('hg1.google+~acme.c2ln')).toEqual({
      maker: 'google',
      organization: 'acme',
      proof: 'sig',
      joined: true,
    });
    expect(openProof(sealProof('google', 'sig', '', true))).toMatchObject({
      maker: 'google',
      organization: null,
    });
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
    expect(sealAnswer(whole, { maker: 'anthropic' }, 'anthropic').parts).toEqual(whole.parts);
  });

  it('goes wrapped to any other, and comes back as it was', () => {
    const parts = [signed('a'), hidden('x'), said];
    const sealed = sealAnswer(answer(...parts), { maker: null }, 'anthropic');
    expect(sealed.parts[0]).toMatchObject({ signature: sealProof('anthropic', 'a') });
    expect(opened(null, 'anthropic', ...sealed.parts).parts).toEqual(parts);
  });

  describe('whose proof stands on the part behind its thoughts', () => {
    const thoughts: Part = { kind: 'reasoning', text: 'hm', signature: null, redacted: null };
    const joins = { maker: 'anthropic', joinsProofs: 'at once' } as const;
    const both = [thoughts, signed('sig', ''), said];

    it('has both in one block where proofs are part of it, and comes back as it was', () => {
      const sealed = sealAnswer(answer(...both), joins, 'google').parts;
      expect(sealed).toEqual([signed(sealProof('google', 'sig', '', true)), said]);
      expect(opened('anthropic', 'google', ...sealed)).toEqual({ parts: both, adapted: [] });
    });

    it('keeps the words alone for another maker, and the proof alone where a client kept no words', () => {
      const sealed = sealAnswer(answer(...both), joins, 'google').parts;
      expect(opened('anthropic', 'openai', ...sealed)).toEqual({
        parts: [thoughts, said],
        adapted: ['messages[].thinking'],
      });
      expect(opened('anthropic', 'google', { ...sealed[0]!, text: '' } as Part, said).parts).toEqual([
        signed('sig', ''),
        said,
      ]);
    });

    it('has them apart elsewhere', () => {
      expect(sealAnswer(answer(...both), { maker: null }, 'google').parts).toEqual([
        thoughts,
        signed(sealProof('google', 'sig'), ''),
        said,
      ]);
    });

    it.each<[what: string, parts: Part[]]>([
      [
        'behind a call',
        [
          thoughts,
          { kind: 'tool_call', id: 'c', name: 'f', arguments: '{}', cache: null },
          signed('sig', ''),
        ],
      ],
      ['behind signed thoughts', [signed('a'), signed('sig', '')]],
      ['that is data', [thoughts, hidden('x')]],
      ['with words of its own', [thoughts, signed('sig', 'so')]],
    ])('joins none %s', (_what, parts) => {
      const sealed = sealAnswer(answer(...parts), joins, 'google').parts;
      expect(sealed).toHaveLength(parts.length);
      expect(opened('anthropic', 'google', ...sealed).parts).toEqual(parts);
    });

    it('joins them from behind the text too, and stands on the call behind it when it returns', () => {
      const call: Part = { kind: 'tool_call', id: 'c', name: 'f', arguments: '{}', cache: null };
      const sealed = sealAnswer(answer(thoughts, said, signed('sig', ''), call), joins, 'google').parts;
      expect(sealed).toEqual([signed(sealProof('google', 'sig', '', true)), said, call]);
      expect(opened('anthropic', 'google', ...sealed).parts).toEqual([...both, call]);
    });

    it('is joined in every answer, each with its own', () => {
      const others = [{ parts: both, stop: 'end' as const }];
      const sealed = sealAnswer({ ...answer(...both), others }, joins, 'google');
      expect(sealed.others![0]!.parts).toEqual(sealed.parts);
    });
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
    expect(openProof(sealed)).toEqual({
      maker: 'anthropic',
      organization: 'acme_eu',
      proof: 'sig',
      joined: false,
    });
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
    ['{"a":"hg1.google+~three.YQ"}', 'three'],
    ['{"a":"hg1.google.YQ"}', null],
    ['hg1.', null],
    ['{}', null],
  ])('the last one of %s is of %s', (body, organization) => {
    expect(lastOrganization(Buffer.from(body))).toBe(organization);
  });
});
