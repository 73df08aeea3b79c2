import { describe, expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import { isProofRefusal } from './proof-refusal.ts';

const refused = (message: string, status = 400, code: string | null = null): boolean =>
  isProofRefusal(
    new GatewayError('GW_UPSTREAM_REJECTED', {
      fault: { dialect: 'x', status, body: null, type: null, code, param: null, message, headers: {} },
    }),
  );

describe('a refusal of a proof', () => {
  it.each([
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'The model returned the following errors: messages.1.content.0: Invalid `signature` in `thinking` block',
    'messages.3.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
    'Thought signature is not valid',
    'The encrypted content for item rs_1 could not be verified.',
  ])('is one: %s', (message) => {
    expect(refused(message)).toBe(true);
    expect(refused(message, 429)).toBe(false);
  });

  it.each([
    'messages.0.content.0: Invalid image',
    'The request signature we calculated does not match',
    'thinking.budget_tokens: must be greater than 1024',
    'max_tokens is too large',
  ])('is none: %s', (message) => expect(refused(message)).toBe(false));

  it('may be told by its code', () => expect(refused('x', 400, 'invalid_encrypted_content')).toBe(true));

  it('is none where the gateway itself refused', () => {
    expect(isProofRefusal(new GatewayError('GW_CLIENT_UNSUPPORTED'))).toBe(false);
  });
});
