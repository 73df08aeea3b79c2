import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealProof } from '../proofs.ts';
import { isSpelled, readSignature, signatureText } from './signatures.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

describe('a signature', () => {
  it("of Google's own stays as it is", () => {
    fc.assert(
      fc.property(fc.base64String({ minLength: 4 }), (proof) => {
        fc.pre(!isSpelled(proof));
        expect(signatureText(proof, false)).toBe(proof);
        expect(readSignature(proof)).toEqual({ signature: proof, redacted: null });
      }),
    );
  });

  it("of another's is base64 too, and comes back, also from an SDK that writes the other alphabet", () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (proof, redacted) => {
        const sealed = sealProof('anthropic', proof);
        const text = signatureText(sealed, redacted);
        expect(text).toMatch(BASE64);
        expect(isSpelled(text)).toBe(true);
        const expected = redacted
          ? { signature: null, redacted: sealed }
          : { signature: sealed, redacted: null };
        expect(readSignature(text)).toEqual(expected);
        expect(readSignature(Buffer.from(text, 'base64').toString('base64url'))).toEqual(expected);
      }),
    );
  });

  it.each(['', 'skip_thought_signature_validator'])('is none: %j', (text) => {
    expect(readSignature(text)).toBeNull();
  });
});
