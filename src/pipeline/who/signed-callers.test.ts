import { describe, expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import { placeOf } from '../../aws/place.ts';
import { bodyHashOf } from '../../aws/signature.ts';
import { createSigner } from '../../aws/signer.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { authenticate } from './authenticate.ts';
import { directoryOf } from './directory.ts';
import { createSignedCallers } from './signed-callers.ts';

const NOW = Date.parse('2026-11-29T09:00:00Z');
const PAIR = { accessKeyId: 'HGTEAM', secretAccessKey: 'key-of-the-team' };
const BODY = Buffer.from('{"messages":[]}');
const PATH = '/bedrock/model/a%3Ab/converse';
const directory = directoryOf([{ name: 'team', value: 'key-of-the-team', accessKeyId: 'HGTEAM' }]);

interface Signed {
  pair?: { accessKeyId: string; secretAccessKey: string };
  /** ms that the signer's clock is off. */
  skewMs?: number;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** A call that was signed for PATH and BODY. */
function signedCall({ pair = PAIR, skewMs = 0, headers = {}, body = BODY }: Signed = {}): Call {
  const place = placeOf('http://gate.example:8080', 'eu-west-1');
  const given = { 'content-type': 'application/json', ...headers };
  const signed = createSigner().sign(place, pair, 'POST', PATH, given, body, NOW + skewMs);
  const { call } = fakeCall('bedrock', {}, [], { ...signed, host: 'gate.example:8080' });
  Object.assign(call.head, { method: 'POST', path: PATH, query: '' });
  withKeys(call, false);
  return call;
}

function withKeys(call: Call, anonymous: boolean): void {
  const snapshot = {
    config: { auth: { anonymous } },
    identify: (credential: string) => directory.find(credential),
    secretOf: (accessKeyId: string) => directory.secretOf(accessKeyId),
  };
  (call as { snapshot: Snapshot }).snapshot = snapshot as unknown as Snapshot;
}

const head = createSignedCallers(() => NOW, authenticate);

/** What the caller hears, in the end. */
function heard(call: Call, body: Buffer = BODY): string {
  const result = head(call);
  if (result instanceof GatewayError) return result.publicMessage;
  const proof = call.prove?.(body) ?? null;
  if (proof instanceof Promise) throw new Error('a signature is checked at once');
  return proof?.publicMessage ?? 'served';
}

describe('a caller that signs', () => {
  test('is known by its pair, once its body is there', () => {
    const call = signedCall();
    expect(head(call)).toBe('continue');
    expect(call.principal?.name).toBe('team');
    expect(call.prove!(BODY)).toBeNull();
  });

  test('may be off by five minutes, and say what its body is', () => {
    expect(heard(signedCall({ skewMs: 299_000 }))).toBe('served');
    expect(heard(signedCall({ skewMs: -299_000 }))).toBe('served');
    expect(heard(signedCall({ headers: { 'x-amz-content-sha256': bodyHashOf(BODY) } }))).toBe('served');
  });

  test.each<[string, () => Call, RegExp, Buffer?]>([
    [
      'another secret',
      () => signedCall({ pair: { ...PAIR, secretAccessKey: 'x' } }),
      /not that of its access key/,
    ],
    [
      'an unknown pair',
      () => signedCall({ pair: { ...PAIR, accessKeyId: 'X' } }),
      /access key id .* not known/,
    ],
    ['another body', () => signedCall(), /not that of its access key/, Buffer.from('{}')],
    ['a time that is over', () => signedCall({ skewMs: -301_000 }), /not of now/],
    ['a time to come', () => signedCall({ skewMs: 301_000 }), /not of now/],
    [
      'a body left out',
      () => signedCall({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
      /says another/,
    ],
    [
      'another path',
      () => Object.assign(signedCall(), { head: { ...signedCall().head, path: '/model/b/converse' } }),
      /not that of its access key/,
    ],
    [
      'another query',
      () => Object.assign(signedCall(), { head: { ...signedCall().head, query: 'a=1' } }),
      /not that of its access key/,
    ],
  ])('with %s is refused', (_what, make, message, body) => {
    expect(heard(make(), body)).toMatch(message);
  });

  test('in half a header is refused', () => {
    const { call } = fakeCall('bedrock', {}, [], { authorization: 'AWS4-HMAC-SHA256 Credential=HGTEAM' });
    withKeys(call, false);
    expect(heard(call)).toMatch(/not whole/);
  });

  test('is proven at once where nobody waits for a body', () => {
    for (const [body, good] of [
      [Buffer.alloc(0), true],
      [BODY, false],
    ] as const) {
      const call = signedCall({ body });
      Object.assign(call, { route: { ...call.route, kind: 'local' } });
      expect(head(call) === 'continue').toBe(good);
      expect(call.prove).toBeNull();
    }
  });
});

describe('whoever does not', () => {
  test('is known as ever', () => {
    const { call } = fakeCall('bedrock', {}, [], { authorization: 'Bearer key-of-the-team' });
    withKeys(call, false);
    expect(heard(call)).toBe('served');
    expect(call.principal?.name).toBe('team');
  });

  test('and signs with a pair of AWS itself, is served where anybody is', () => {
    const call = signedCall({ pair: { accessKeyId: 'AKIA', secretAccessKey: 'x' } });
    withKeys(call, true);
    expect(heard(call)).toBe('served');
    expect(call.principal?.name).toBe('anonymous');
  });
});
