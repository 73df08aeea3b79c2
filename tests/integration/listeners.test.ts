// The listeners of node beside the fast one: TLS, HTTP/2, HTTP/1.0, a Unix socket, PROXY headers. The same calls on each.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { type ClientHttp2Session, connect as http2Connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as netConnect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import OpenAI from 'openai';
import { Agent as Dispatcher, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { issueCredential } from '../../src/governance/virtual-key.ts';
import { type Authority, makeAuthority } from '../kit/certificates.ts';
import { chatBody, chatPath } from '../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { showOutput } from '../kit/harness.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { parseAnswers, rawClient } from '../kit/raw.ts';
import { testConfig } from '../kit/test-config.ts';

let folder: string;
let authority: Authority;
let mock: MockUpstream;
let gateway: GatewayProcess;
/** With other listeners than those that the file begins with. */
let configWith: (listeners: (usual: readonly object[]) => object[]) => object;
const ports = { plain: 0, tls: 0, mutual: 0, proxied: 0, proxiedTls: 0 };
const unix = (): string => path.join(folder, 'gate.sock');
const file = (name: string): string => path.join(folder, name);

interface Answered {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

function writePair(name: string): void {
  const { cert, key } = authority.sign('localhost');
  writeFileSync(file('tls.key'), key);
  writeFileSync(file(name), cert);
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-doors-'));
  authority = makeAuthority();
  mock = await startMock();
  writePair('tls.crt');
  writeFileSync(file('ca.pem'), authority.ca);
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  const tls = { cert: `file:${file('tls.crt')}`, key: `file:${file('tls.key')}` };
  const usual = [
    { port: ports.plain, engine: 'node', host: '127.0.0.1', keepAliveMs: 620_000 },
    { port: ports.tls, host: '127.0.0.1', tls, http2: true },
    { port: ports.mutual, host: '127.0.0.1', tls: { ...tls, ca: `file:${file('ca.pem')}` } },
    { unix: unix() },
    { port: ports.proxied, host: '127.0.0.1', proxyProtocol: true },
    { port: ports.proxiedTls, host: '127.0.0.1', proxyProtocol: true, tls },
  ];
  configWith = (listeners) =>
    testConfig(mock, {
      server: {
        maxBodyBytes: 1_000_000,
        trustedProxies: ['127.0.0.1'],
        listeners: listeners(usual),
      },
      rest: {
        teams: { red: { models: ['oa/text:*'] } },
        auth: {
          mtls: [
            { name: 'mesh', match: { san: 'spiffe://example.org/*' }, claims: { team: 'OU' } },
            { match: { subject: { CN: 'by-key' } }, key: 'near' },
          ],
          keys: [gateKey, { name: 'near', value: 'hg-key-of-an-address-0001', ips: ['203.0.113.0/24'] }],
        },
      },
    });
  const config = configWith((listeners) => [...listeners]);
  gateway = await startGateway({ config, workers: 2 });
});
afterAll(async () => {
  await gateway?.stop(3_000);
  await mock?.close();
  authority?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const headersOf = (key = gateKey) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

function ask(options: RequestOptions, body: object | string | null, secure = false): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const open = secure ? httpsRequest : httpRequest;
    const request = open(
      { host: 'localhost', path: chatPath, method: 'POST', headers: headersOf(), ...options },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => {
          text += piece;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        answer.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** What each of them can be asked by. */
const doors = (): [string, RequestOptions, boolean][] => [
  ['a port', { port: ports.plain }, false],
  ['TLS', { port: ports.tls, ca: authority.ca } as RequestOptions, true],
  ['a Unix socket', { socketPath: unix() }, false],
];

describe('on each of them', () => {
  it.each([0, 1, 2])(
    'calls are answered, whole and streamed, and refused like on the first (%i)',
    async (at) => {
      const [, options, secure] = doors()[at]!;
      const whole = await ask(options, chatBody('oa/text:3'), secure);
      expect(whole.status).toBe(200);
      expect(JSON.parse(whole.text)).toMatchObject({ object: 'chat.completion' });
      expect(whole.headers['x-request-id']).toMatch(/^req_/);
      const streamed = await ask(options, chatBody('oa/text:3', { stream: true }), secure);
      expect(streamed.headers['content-type']).toContain('text/event-stream');
      expect(streamed.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
      const stranger = await ask(
        { ...options, headers: headersOf('hg-nobody-knows-this-one') },
        chatBody('oa/ok'),
        secure,
      );
      expect(stranger.status).toBe(401);
      const large = await ask(options, 'x'.repeat(1_200_000), secure);
      expect(large.status).toBe(413);
      expect(JSON.parse(large.text)).toMatchObject({ error: { code: 'request_too_large' } });
      const health = await ask({ ...options, path: '/readyz', method: 'GET' }, null, secure);
      expect(health.status).toBe(200);
      const missing = await ask({ ...options, path: '/nowhere', method: 'GET' }, null, secure);
      expect(missing.status).toBe(404);
      const head = await ask({ ...options, path: '/v1/models', method: 'HEAD' }, null, secure);
      expect(head).toMatchObject({ status: 200, text: '' });
    },
  );

  it('large answers go through whole', async () => {
    const answer = await ask({ port: ports.plain }, chatBody('oa/text:60000'));
    expect(answer.text.length).toBe(Number(answer.headers['content-length']));
    expect(answer.text.length).toBeGreaterThan(200_000);
  });

  it('a client that leaves ends its call', async () => {
    const request = httpRequest({ port: ports.plain, path: chatPath, method: 'POST', headers: headersOf() });
    request.on('error', () => undefined);
    request.end(JSON.stringify(chatBody('oa/text:20+gate-after:5:never', { stream: true })));
    await mock.waitFor(({ model }) => model === 'text:20+gate-after:5:never');
    await expect.poll(() => mock.running()).toBe(1);
    request.destroy();
    await expect.poll(() => mock.running()).toBe(0);
    await expect
      .poll(() => gateway.logs().some(({ msg, status }) => msg === 'request' && status === 499))
      .toBe(true);
  });
});

describe('plain', () => {
  it('HTTP/1.0 is answered, and its connection ends with the answer', async () => {
    const client = await rawClient(ports.plain);
    const body = JSON.stringify(chatBody('oa/text:2', { stream: true }));
    await client.send(
      `POST ${chatPath} HTTP/1.0\r\nAuthorization: Bearer ${gateKey}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await client.untilClosed();
    const text = client.received.toString();
    expect(text).toMatch(/^HTTP\/1\.[01] 200 /);
    expect(text).not.toMatch(/transfer-encoding/i);
    expect(text).toContain('data: [DONE]');
  });

  it('a target in absolute form is its path at its host; who names none, or two, is refused with an id', async () => {
    const answered = async (head: string): Promise<string> => {
      const client = await rawClient(ports.plain);
      await client.send(`GET ${head}Connection: close\r\n\r\n`);
      await client.untilClosed();
      return client.received.toString();
    };
    expect(await answered('http://gate.example/livez HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 200 /);
    for (const head of ['/livez HTTP/1.1\r\n', '/livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n']) {
      const text = await answered(head);
      expect(text).toMatch(/^HTTP\/1\.1 400 [\s\S]*x-request-id: req_/i);
      expect(text).toContain('gw_client_bad_framing');
    }
  });

  it('says how long a connection may be idle', async () => {
    const { headers } = await ask(
      { port: ports.plain, path: '/livez', method: 'GET', headers: { connection: 'keep-alive' } },
      null,
    );
    expect(headers['keep-alive']).toBe('timeout=620');
  });

  it.each([
    [
      'content-length and transfer-encoding',
      `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two content-lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd'],
    ['a space before the colon', 'Content-Length : 4\r\n\r\nabcd'],
    ['a head without an end', `X: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s: refused with an id, and closed', async (_, rest) => {
    const before = mock.requests.length;
    const client = await rawClient(ports.plain);
    await client.send(
      `POST ${chatPath} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\n${rest}`,
    );
    await client.untilClosed();
    const [answer] = parseAnswers(client.received);
    expect([400, 431]).toContain(answer?.status);
    expect(answer?.headers['x-request-id']).toMatch(/^req_/);
    expect(JSON.parse(answer!.body)).toMatchObject({ error: { code: 'gw_client_bad_framing' } });
    expect(mock.requests.length).toBe(before);
  });
});

describe('HTTP/2', () => {
  let session: ClientHttp2Session;
  beforeAll(() => {
    session = http2Connect(`https://localhost:${ports.tls}`, { ca: authority.ca });
    session.on('error', () => undefined);
  });
  afterAll(() => session.close());

  function stream(body: object, more: Record<string, string> = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const request = session.request({ ':method': 'POST', ':path': chatPath, ...headersOf(), ...more });
      let text = '';
      let head: Record<string, unknown> = {};
      request.setEncoding('utf8');
      request.on('response', (headers) => {
        head = headers;
      });
      request.on('data', (piece: string) => {
        text += piece;
      });
      request.on('end', () => resolve({ status: Number(head[':status']), headers: head, text }));
      request.on('error', reject);
      request.end(JSON.stringify(body));
    });
  }

  it('a head that HTTP/1 would not take is refused with an id, and the connection goes on', async () => {
    const before = mock.requests.length;
    const refused = await stream(chatBody('oa/text:5'), { 'x-large': 'x'.repeat(40_000) });
    expect([refused.status, refused.headers['x-request-id']]).toEqual([400, expect.stringMatching(/^req_/)]);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'gw_client_bad_framing' } });
    expect(mock.requests.length).toBe(before);
    expect((await stream(chatBody('oa/text:5'))).status).toBe(200);
  });

  it('many calls run on one connection', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => stream(chatBody('oa/text:5', { stream: at % 2 === 0 }))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(answers[0]!.text).toContain('data: [DONE]');
    expect(JSON.parse(answers[1]!.text)).toMatchObject({ object: 'chat.completion' });
    expect(session.alpnProtocol).toBe('h2');
  });

  it('a stream that its client cancels ends its call and no other', async () => {
    const other = stream(chatBody('oa/text:6+gate-after:2:h2', { stream: true }));
    const request = session.request({ ':method': 'POST', ':path': chatPath, ...headersOf() });
    request.on('error', () => undefined);
    request.end(JSON.stringify(chatBody('oa/text:20+gate-after:5:never2', { stream: true })));
    await mock.waitFor(({ model }) => model.includes('never2'));
    request.close();
    await expect.poll(() => mock.running()).toBe(1);
    mock.open('h2');
    expect((await other).text).toContain('data: [DONE]');
  });

  const frame = (type: number, flags: number, id: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(id, 5);
    return Buffer.concat([head, payload]);
  };
  /** HPACK: a literal with its name, not indexed. */
  const literal = (name: string, value: string): Buffer =>
    Buffer.concat([
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]);
  const asking = Buffer.concat(
    Object.entries({
      ':method': 'POST',
      ':scheme': 'https',
      ':path': chatPath,
      ':authority': 'localhost',
      ...headersOf(),
    }).map(([name, value]) => literal(name, value)),
  );
  const [HEADERS, RST_STREAM, SETTINGS, CONTINUATION] = [1, 3, 4, 9];
  const floods: [string, () => Buffer[]][] = [
    [
      'streams that are reset at once',
      () =>
        Array.from({ length: 10_000 }, (_, at) => {
          const id = 2 * at + 1;
          return Buffer.concat([
            frame(HEADERS, 0x4, id, asking),
            frame(RST_STREAM, 0, id, Buffer.from([0, 0, 0, 8])),
          ]);
        }),
    ],
    [
      'a head that goes on and on',
      () => [
        frame(HEADERS, 0x1, 1, asking),
        ...Array.from({ length: 5_000 }, (_, at) =>
          frame(CONTINUATION, 0, 1, literal(`x-${at}`, 'v'.repeat(100))),
        ),
      ],
    ],
  ];

  it.each(floods)('C18: %s end their connection, and no other', async (_, frames) => {
    const other = stream(chatBody('oa/text:6+gate-after:2:flood', { stream: true }));
    await mock.waitFor(({ model }) => model.includes('flood'));
    const before = mock.requests.length;
    const socket = tlsConnect({
      port: ports.tls,
      host: 'localhost',
      ca: authority.ca,
      ALPNProtocols: ['h2'],
    });
    socket.on('error', () => undefined).resume();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        frame(SETTINGS, 0, 0, Buffer.alloc(0)),
      ]),
    );
    for (const bytes of frames()) socket.write(bytes);
    await closed;
    expect(mock.requests.length).toBe(before);
    mock.open('flood');
    expect((await other).text).toContain('data: [DONE]');
    expect((await stream(chatBody('oa/ok'))).status).toBe(200);
    mock.clear();
  });
});

describe('TLS', () => {
  it('the vendor’s SDK calls through it', async () => {
    const dispatcher = new Dispatcher({ connect: { ca: authority.ca }, allowH2: true });
    const client = new OpenAI({
      apiKey: gateKey,
      baseURL: `https://localhost:${ports.tls}/v1`,
      maxRetries: 0,
      // undici's own types of the same things.
      fetch: ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as never,
    });
    const stream = await client.chat.completions.create({
      model: 'oa/text:4',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
    });
    let text = '';
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    expect(text).not.toBe('');
    await dispatcher.close();
  });

  it('a client without a certificate is not let in where one is required', async () => {
    const options = { port: ports.mutual, ca: authority.ca } as RequestOptions;
    await expect(ask(options, chatBody('oa/ok'), true)).rejects.toThrow();
    const { cert, key } = authority.sign('client');
    const agent = new Agent({ ca: authority.ca, cert, key, keepAlive: false });
    expect((await ask({ port: ports.mutual, agent } as RequestOptions, chatBody('oa/ok'), true)).status).toBe(
      200,
    );
  });

  it('a certificate stands for a key: whose it is, what its team may, and nobody where no rule fits', async () => {
    const asked = (
      name: string,
      more: Parameters<Authority['sign']>[1],
      model: string,
      sent: Record<string, string> = {},
    ): Promise<Answered> => {
      const agent = new Agent({ ca: authority.ca, ...authority.sign(name, more), keepAlive: false });
      const headers = { 'content-type': 'application/json', ...sent };
      return ask({ port: ports.mutual, agent, headers } as RequestOptions, chatBody(model), true);
    };
    const names = 'URI:spiffe://example.org/ns/prod/sa/app';
    const red = { organizationalUnit: 'red', names };
    expect((await asked('app', red, 'oa/text:3')).status).toBe(200);
    expect((await asked('app', red, 'oa/ok')).status).toBe(403);
    // What SDKs insist on sending is no reason to refuse; a key that is known goes before.
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    expect((await asked('app', red, 'oa/text:3', bearer('unused'))).status).toBe(200);
    expect((await asked('app', red, 'oa/ok', bearer(gateKey))).status).toBe(200);
    expect((await asked('app', red, 'oa/text:3', bearer(issueCredential('key', randomBytes)))).status).toBe(
      401,
    );
    expect((await asked('app', { organizationalUnit: 'gone', names }, 'oa/text:3')).status).toBe(403);
    expect((await asked('nobody', {}, 'oa/text:3')).status).toBe(401);
    // It has the key's addresses, too, and calls from none of them.
    expect((await asked('by-key', {}, 'oa/text:3')).status).toBe(403);
    const { text } = await ask(
      { port: ports.plain, headers: { 'content-type': 'application/json' } },
      chatBody('oa/ok'),
    );
    expect(text).toContain('No API key was given');
  });

  it('a WebSocket is opened through it, and refused without a key', async () => {
    const url = `wss://localhost:${ports.tls}/v1/responses`;
    const open = (key: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, { ca: authority.ca, headers: { authorization: `Bearer ${key}` } });
        socket.on('open', () =>
          socket.send(JSON.stringify({ type: 'response.create', model: 'oa/ok', input: 'hi' })),
        );
        socket.on('message', (data: Buffer) => {
          const { type } = JSON.parse(data.toString()) as { type: string };
          if (type !== 'response.completed') return;
          socket.close();
          resolve(type);
        });
        socket.on('unexpected-response', (_request, answer) =>
          reject(new Error(`status ${answer.statusCode}`)),
        );
        socket.on('error', reject);
      });
    expect(await open(gateKey)).toBe('response.completed');
    await expect(open('hg-nobody-knows-this-one')).rejects.toThrow('status 401');
  });

  it('a certificate that changes is shown to new connections, without a restart', async () => {
    const serial = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = tlsConnect({ port: ports.tls, host: 'localhost', ca: authority.ca }, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const before = await serial();
    writePair('tls.crt');
    gateway.kill('SIGHUP');
    await expect.poll(serial).not.toBe(before);
  });
});

describe('a PROXY header', () => {
  const request = `GET /v1/models HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer hg-key-of-an-address-0001\r\nConnection: close\r\n\r\n`;

  it('says whose call it is', async () => {
    for (const [address, status] of [
      ['203.0.113.7', 200],
      ['198.51.100.7', 403],
    ] as const) {
      const client = await rawClient(ports.proxied);
      await client.send(`PROXY TCP4 ${address} 192.0.2.1 4660 443\r\n`, request);
      expect((await client.answer()).status).toBe(status);
      client.destroy();
    }
  });

  it.each([
    ['in one piece with what follows', 0],
    ['alone', 40],
  ])('stands before TLS, %s', async (_, waitMs) => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = netConnect(ports.proxiedTls, '127.0.0.1', () => {
        if (waitMs === 0) socket.cork();
        socket.write('PROXY TCP4 203.0.113.7 192.0.2.1 4660 443\r\n');
        setTimeout(() => {
          const secure = tlsConnect({ socket, servername: 'localhost', ca: authority.ca }, () =>
            secure.write(request),
          );
          secure.once('data', (piece: Buffer) => resolve(piece.toString('latin1', 9, 12)));
          secure.on('error', reject);
          socket.uncork();
        }, waitMs);
      });
    });
    expect(status).toBe('200');
  });

  it('without one the connection is closed', async () => {
    const client = await rawClient(ports.proxied);
    await client.send(request);
    await client.untilClosed();
    expect(client.received.length).toBe(0);
  });
});

it('one that a new configuration adds is opened, one that it takes is closed behind its calls, and may come back', async () => {
  const late = file('late.sock');
  const plain = (): Promise<number | string> =>
    ask({ port: ports.plain, host: '127.0.0.1', path: '/readyz', method: 'GET' }, null).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code ?? 'failed',
    );
  const streamed = ask({ port: ports.plain }, chatBody('oa/text:6+gate-after:2:moved', { stream: true }));
  await mock.waitFor(({ model }) => model.includes(':moved'));
  gateway.writeConfig(configWith(([, ...others]) => [...others, { unix: late }]));
  gateway.kill('SIGHUP');
  await expect
    .poll(
      () =>
        ask({ socketPath: late }, chatBody('oa/ok')).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(200);
  await expect.poll(plain, { timeout: 20_000 }).toBe('ECONNREFUSED');
  mock.open('moved');
  expect((await streamed).text).toContain('data: [DONE]');
  gateway.writeConfig(configWith((listeners) => [...listeners]));
  gateway.kill('SIGHUP');
  await expect.poll(plain, { timeout: 20_000 }).toBe(200);
});

it('ends with the gateway, its streams first', async () => {
  const streamed = ask({ port: ports.plain }, chatBody('oa/text:6+gate-after:2:last', { stream: true }));
  await mock.waitFor(({ model }) => model.includes(':last'));
  gateway.kill('SIGTERM');
  await expect.poll(() => gateway.logs().some(({ msg }) => msg === 'draining')).toBe(true);
  mock.open('last');
  expect((await streamed).text).toContain('data: [DONE]');
  expect((await gateway.exit).code).toBe(0);
  if ((await gateway.exit).code !== 0) showOutput(gateway);
});
