import { describe, expect, it } from 'vitest';
import type { Delta } from '../contracts/chat.ts';
import type { Manner } from '../contracts/manner.ts';
import { sealProof } from './proofs.ts';
import { sealingEncoder } from './sealing-encoder.ts';

const out = { emit: () => {}, emitLines: () => {} };

function sealed(joins: Manner['joinsProofs'], ...deltas: Delta[]): Delta[] {
  const seen: Delta[] = [];
  const encoder = sealingEncoder(
    { encode: (delta) => void seen.push(delta) },
    { maker: 'google', organization: '', joins },
  );
  for (const delta of deltas) encoder.encode(delta, out);
  return seen;
}

const reasoning = (index: number): Delta => ({ kind: 'open', index, block: 'reasoning' });
const text = (index: number, said: string): Delta => ({ kind: 'text', index, text: said });
const signature = (index: number, proof: string): Delta => ({ kind: 'signature', index, signature: proof });
const close = (index: number): Delta => ({ kind: 'close', index });
const call: Delta[] = [
  { kind: 'open', index: 2, block: 'tool_call', id: 'c1', name: 'f' },
  { kind: 'arguments', index: 2, text: '{}' },
  close(2),
];
const thoughts = [reasoning(0), text(0, 'hm'), close(0)];
const bare = [reasoning(1), signature(1, 's'), close(1)];
const joined = (proof: string): Delta => signature(0, sealProof('google', proof, '', true));

describe('a streamed proof', () => {
  it.each(['at once', 'late', undefined] as const)(
    'is wrapped whole, however it was split (joins: %s)',
    (joins) => {
      const deltas: Delta[] = [
        reasoning(0),
        text(0, 'hm'),
        signature(0, 'a+'),
        signature(0, 'b'),
        close(0),
        { kind: 'open', index: 1, block: 'redacted', data: 'x' },
        close(1),
      ];
      expect(sealed(joins, ...deltas)).toEqual([
        deltas[0],
        deltas[1],
        signature(0, sealProof('google', 'a+b')),
        deltas[4],
        { kind: 'open', index: 1, block: 'redacted', data: sealProof('google', 'x') },
        deltas[6],
      ]);
    },
  );

  it('of the part behind thoughts is theirs where they are one block', () => {
    const ping: Delta = { kind: 'ping' };
    expect(sealed('at once', ...thoughts, ping, ...bare, ...call)).toEqual([
      ...thoughts.slice(0, 2),
      ping,
      joined('s'),
      close(0),
      ...call,
    ]);
  });

  it('of the part behind thoughts stays a block of its own elsewhere', () => {
    const own = signature(1, sealProof('google', 's'));
    expect(sealed(undefined, ...thoughts, ...bare, ...call)).toEqual([
      ...thoughts,
      reasoning(1),
      own,
      close(1),
      ...call,
    ]);
  });

  it.each<[what: string, behind: Delta[], written: Delta[]]>([
    ['a call', call, call],
    ['the end', [{ kind: 'end' }], [{ kind: 'end' }]],
    [
      'other thoughts',
      [reasoning(1), text(1, 'so'), signature(1, 's'), close(1)],
      [reasoning(1), text(1, 'so'), signature(1, sealProof('google', 's')), close(1)],
    ],
    [
      'hidden thoughts',
      [{ kind: 'open', index: 1, block: 'redacted', data: 'x' }, close(1)],
      [{ kind: 'open', index: 1, block: 'redacted', data: sealProof('google', 'x') }, close(1)],
    ],
    ['nothing that is signed', [reasoning(1), close(1), ...call], [reasoning(1), close(1), ...call]],
  ])('is not taken from %s', (_what, behind, written) => {
    expect(sealed('at once', ...thoughts, ...behind)).toEqual([...thoughts, ...written]);
  });

  it('is not given to thoughts that are not said, that are signed, or that stand behind text', () => {
    const own = signature(1, sealProof('google', 's'));
    expect(sealed('at once', reasoning(0), close(0), ...bare)).toEqual([
      reasoning(0),
      close(0),
      reasoning(1),
      own,
      close(1),
    ]);
    const signed = [reasoning(0), text(0, 'hm'), signature(0, 'a'), close(0)];
    expect(sealed('at once', ...signed, ...bare)).toEqual([
      ...signed.slice(0, 2),
      signature(0, sealProof('google', 'a')),
      close(0),
      reasoning(1),
      own,
      close(1),
    ]);
    const said: Delta[] = [{ kind: 'open', index: 0, block: 'text' }, text(0, 'so'), close(0)];
    expect(sealed('at once', ...said, ...bare)).toEqual([...said, reasoning(1), own, close(1)]);
  });

  it('joins each thoughts of an answer with what is behind them', () => {
    const again: Delta[] = [reasoning(3), text(3, 'mm'), close(3), reasoning(4), signature(4, 't'), close(4)];
    expect(sealed('at once', ...thoughts, ...bare, ...call, ...again)).toEqual([
      ...thoughts.slice(0, 2),
      joined('s'),
      close(0),
      ...call,
      ...again.slice(0, 2),
      signature(3, sealProof('google', 't', '', true)),
      close(3),
    ]);
  });

  describe('behind text', () => {
    const said: Delta[] = [{ kind: 'open', index: 5, block: 'text' }, text(5, 'so'), close(5)];
    const ending: Delta[] = [{ kind: 'stop', reason: 'end', stopSequence: null }, { kind: 'end' }];
    const open = thoughts.slice(0, 2);

    it('is that of the thoughts before it where blocks may end late', () => {
      expect(sealed('late', ...thoughts, ...said, ...bare, ...ending)).toEqual([
        ...open,
        ...said,
        joined('s'),
        close(0),
        ...ending,
      ]);
    });

    it.each<[what: string, behind: Delta[], written: Delta[]]>([
      ['nothing', ending, [ending[0]!, close(0), ending[1]!]],
      ['a call', call, [close(0), ...call]],
      ['other thoughts', [reasoning(1), text(1, 'mm')], [close(0), reasoning(1), text(1, 'mm')]],
    ])('that is behind %s ends the thoughts without it', (_what, behind, written) => {
      expect(sealed('late', ...thoughts, ...said, ...behind)).toEqual([...open, ...said, ...written]);
    });
  });
});
