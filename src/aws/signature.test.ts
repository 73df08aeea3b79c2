import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSignatureOf, isTimely, readAuthorization } from './authorization.ts';
import { placeOf, regionOfHost } from './place.ts';
import { bodyHashOf, signatureOf, signingKey, timeOf, timeText } from './signature.ts';
import { createSigner, isClockFault } from './signer.ts';
import { SigningKeys } from './signing-keys.ts';

// AWS's published example pair.
const PAIR = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = Date.parse('2015-08-30T12:36:00Z');

describe('a signature', () => {
  // From AWS's documentation ("Create a signed AWS API request") and its test suite, `get-vanilla` and others.
  test.each([
    ['get-vanilla', 'GET', '/', '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '/', '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/',
      'Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('%s', (_name, method, path, query, signature) => {
    const scope = { day: '20150830', region: 'us-east-1', service: 'service' };
    const headers = [
      ['host', 'example.amazonaws.com'],
      ['x-amz-date', '20150830T123600Z'],
    ] as const;
    const request = { method, path, query, headers, bodyHash: bodyHashOf(null) };
    const key = signingKey(PAIR.secretAccessKey, scope);
    expect(signatureOf(request, scope, '20150830T123600Z', key)).toBe(signature);
  });

  test('is that of the vendor’s own signer, whatever is signed', async () => {
    const theirs = new SignatureV4({
      service: 'bedrock',
      region: 'eu-west-1',
      sha256: Sha256,
      applyChecksum: false,
      credentials: { ...PAIR, sessionToken: 'token/+=' },
    });
    const place = placeOf('https://bedrock-runtime.eu-west-1.amazonaws.com', '');
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[A-Za-z0-9.:/_!'()*-]{1,40}$/),
        fc.string({ maxLength: 40 }),
        fc.stringMatching(/^[ -~]{0,20}$/),
        async (model, text, odd) => {
          const path = `/model/${encodeURIComponent(model)}/converse`;
          const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-odd': odd };
          const body = Buffer.from(text);
          const ours = createSigner().sign(
            place,
            { ...PAIR, sessionToken: 'token/+=' },
            'POST',
            path,
            headers,
            body,
            NOW,
          );
          const request = {
            method: 'POST',
            protocol: 'https:',
            hostname: place.host,
            path,
            query: {},
            headers: { ...headers, host: place.host },
            body,
          };
          const signed = await theirs.sign(request, { signingDate: new Date(NOW) });
          expect(ours['authorization']).toBe(signed.headers['authorization']);
        },
      ),
    );
  });

  test('of a body in pieces is that of the whole', () => {
    const whole = Buffer.from('abcdef');
    const pieces = [whole.subarray(0, 2), whole.subarray(2)];
    const apart = { length: 6, copy: () => 6, pieces: () => pieces };
    expect(bodyHashOf(apart)).toBe(bodyHashOf(whole));
    expect(bodyHashOf(null)).toBe(bodyHashOf(Buffer.alloc(0)));
  });
});

describe('a signer', () => {
  const place = placeOf('http://127.0.0.1:8080/bedrock/?x=1', 'us-west-2');

  test('signs host, path and query as they go out, under the base URL', () => {
    const signed = createSigner().sign(place, PAIR, 'POST', '/model/a%3Ab/converse?beta=true', {}, null, NOW);
    const authorization = readAuthorization(signed['authorization']!)!;
    expect(authorization).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
      scope: { day: '20150830', region: 'us-west-2', service: 'bedrock' },
      signedHeaders: ['host', 'x-amz-date'],
    });
    const header = (name: string): string | undefined => (name === 'host' ? '127.0.0.1:8080' : signed[name]);
    const request = { method: 'POST', path: '/bedrock/model/a%3Ab/converse', query: 'beta=true&x=1' };
    const is = (change: object, secret = PAIR.secretAccessKey): boolean =>
      isSignatureOf(
        authorization,
        { ...request, ...change },
        header,
        bodyHashOf(null),
        secret,
        new SigningKeys(),
      );
    expect(is({})).toBe(true);
    expect(is({ path: '/model/a%3Ab/converse' })).toBe(false);
    expect(is({ query: 'beta=true' })).toBe(false);
    expect(is({ method: 'GET' })).toBe(false);
    expect(is({}, 'another secret')).toBe(false);
  });

  test('leaves the headers it was given as they are, and signs none that is changed on the way', () => {
    const given = { 'user-agent': 'x', 'content-type': 'application/json' };
    const signed = createSigner().sign(place, PAIR, 'POST', '/', given, null, NOW);
    expect(given).toEqual({ 'user-agent': 'x', 'content-type': 'application/json' });
    expect(signed['authorization']).toContain('SignedHeaders=content-type;host;x-amz-date,');
  });

  test('takes over the clock of a host that refused ours, once', () => {
    const signer = createSigner();
    const theirs = new Date(NOW + 900_000).toUTCString();
    expect(signer.refused(place.host, undefined, NOW)).toBe(false);
    expect(signer.refused(place.host, theirs, NOW)).toBe(true);
    expect(signer.sign(place, PAIR, 'POST', '/', {}, null, NOW)['x-amz-date']).toBe('20150830T125100Z');
    expect(signer.refused(place.host, theirs, NOW)).toBe(false);
  });

  test.each([
    ['InvalidSignatureException', 'Signature expired: 20150830T123600Z is now earlier than …', true],
    ['InvalidSignatureException', 'Signature not yet current: …', true],
    ['RequestTimeTooSkewed', '', true],
    ['InvalidSignatureException', 'The request signature we calculated does not match', false],
    ['AccessDeniedException', 'not authorized', false],
  ])('%s: %s', (type, message, clock) => {
    expect(isClockFault(type, message)).toBe(clock);
  });
});

describe('what a client says of its signature', () => {
  const good = `AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'a'.repeat(64)}`;

  test('is read with blanks or without', () => {
    expect(readAuthorization(good)).toEqual(readAuthorization(good.replaceAll(', ', ',')));
  });

  test.each([
    good.replace('aws4_request', 'aws4'),
    good.replace('host;', ''),
    good.replace(';x-amz-date', ''),
    good.replace('a'.repeat(64), 'a'.repeat(63)),
    good.replace('20150830', '2015'),
    'AWS4-HMAC-SHA256 ',
  ])('is refused where it is not whole: %s', (value) => {
    expect(readAuthorization(value)).toBeNull();
  });

  test('is of now for five minutes, and of its own day', () => {
    const authorization = readAuthorization(good)!;
    const timely = (date: string, skewMs = 0): boolean => isTimely(authorization, date, NOW + skewMs);
    expect(timely('20150830T123600Z', 300_000)).toBe(true);
    expect(timely('20150830T123600Z', -300_000)).toBe(true);
    expect(timely('20150830T123600Z', 301_000)).toBe(false);
    expect(timely('20150829T123600Z')).toBe(false);
    expect(timely('now')).toBe(false);
    expect(timeOf(timeText(NOW))).toBe(NOW);
  });
});

describe('a place', () => {
  test.each([
    ['bedrock-runtime.us-east-1.amazonaws.com', 'us-east-1'],
    ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['vpce-1-a.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com', 'ap-southeast-2'],
    ['bedrock-mantle.eu-central-1.api.aws', 'eu-central-1'],
    ['bedrock-runtime.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
    ['localhost', null],
    ['bedrock-runtime.evil.com', null],
  ])('%s', (host, region) => {
    expect(regionOfHost(host)).toBe(region);
  });

  test('has a service of its own for mantle', () => {
    expect(placeOf('https://bedrock-mantle.eu-central-1.api.aws', 'x').service).toBe('bedrock-mantle');
    expect(placeOf('http://127.0.0.1:1', 'x')).toMatchObject({ service: 'bedrock', region: 'x' });
  });
});

/** What the vendor's signer asks of a hash. */
class Sha256 {
  readonly #parts: Buffer[] = [];
  readonly #key: Buffer | null;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#key = key === undefined ? null : Buffer.from(key as Uint8Array);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#parts.push(Buffer.from(data as Uint8Array));
  }

  digest(): Promise<Uint8Array> {
    const made = this.#key === null ? createHash('sha256') : createHmac('sha256', this.#key);
    return Promise.resolve(made.update(Buffer.concat(this.#parts)).digest());
  }

  reset(): void {
    this.#parts.length = 0;
  }
}

test.each(['bedrock-runtime', 'bedrock-runtime-fips', 'bedrock', 'bedrock-agent-runtime'])(
  'the host of %s says its region',
  (service) => {
    const { region, service: name } = placeOf(`https://${service}.eu-west-1.amazonaws.com`, 'us-east-1');
    expect([region, name]).toEqual(['eu-west-1', 'bedrock']);
  },
);
