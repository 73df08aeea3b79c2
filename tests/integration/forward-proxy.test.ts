// Whole gateways behind a forward proxy, as its environment or its file says, and providers with certificates of their own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, textOf } from '../kit/client.ts';
import { type ForwardProxy, startForwardProxy } from '../kit/forward-proxy.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { showOutput } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { testConfig } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

let folder = '';
let mock: MockUpstream;
let proxy: ForwardProxy;
let secure: Server;
let gateway: GatewayProcess;
const file = (name: string): string => join(folder, name);

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Key and certificate `name`.key and `name`.pem, signed by itself unless `more` says by whom. */
function certificate(name: string, ...more: string[]): void {
  const key = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'.split(' ');
  openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...more);
}

/** TLS in front of the mock; wants a certificate of our authority. */
async function secureMock(): Promise<Server> {
  const pem = (name: string): string => readFileSync(file(name), 'utf8');
  const server = createServer(
    {
      cert: pem('server.pem'),
      key: pem('server.key'),
      ca: pem('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      const onward = connect(mock.port, '127.0.0.1');
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    },
  );
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-proxies-'));
  certificate('ca');
  const signed = '-CA ca.pem -CAkey ca.key -addext basicConstraints=critical,CA:FALSE'.split(' ');
  certificate('server', ...signed, '-addext', 'subjectAltName=DNS:secure.internal');
  certificate('client', ...signed);
  mock = await startMock();
  proxy = await startForwardProxy({
    login: 'corp:s3cret-login',
    names: { 'inference.internal': '127.0.0.1', 'secure.internal': '127.0.0.1' },
  });
  secure = await secureMock();
  const securePort = (secure.address() as AddressInfo).port;
  const url = `http://corp:s3cret-login@127.0.0.1:${proxy.port}`;
  const provider = (baseUrl: string, more: object = {}): object => ({
    dialect: 'openai-chat',
    baseUrl,
    retries: { max: 0 },
    ...more,
  });
  const tls = {
    ca: `file:${file('ca.pem')}`,
    cert: `file:${file('client.pem')}`,
    key: `file:${file('client.key')}`,
  };
  gateway = await startGateway({
    env: { HTTP_PROXY: url, https_proxy: url, NO_PROXY: 'direct.internal,10.0.0.0/8' },
    config: testConfig(mock, {
      providers: {
        plain: provider(`http://inference.internal:${mock.port}/v1?api-version=2024-10-21`),
        secure: provider(`https://secure.internal:${securePort}/v1`, { tls }),
        unknown: provider(`https://secure.internal:${securePort}/v1`, { tls: { ca: tls.ca } }),
        untrusting: provider(`https://secure.internal:${securePort}/v1`),
        direct: provider(`http://direct.internal:${mock.port}/v1`),
        wrong: provider('http://inference.internal/v1', {
          proxy: `http://corp:other@127.0.0.1:${proxy.port}`,
        }),
      },
    }),
  });
});

afterEach(({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
});

afterAll(async () => {
  await gateway?.stop(3_000);
  await mock?.close();
  proxy?.close();
  secure?.close();
  rmSync(folder, { recursive: true, force: true });
});

const chat = (model: string, more: object = {}) => call(gateway, chatPath, { body: chatBody(model, more) });
const failureOf = async (provider: string): Promise<Record<string, unknown>> =>
  waitUntil(
    () =>
      gateway
        .logs()
        .find((line) => line['msg'] === 'cannot connect to the provider' && line['provider'] === provider),
    'the line in the log',
    3_000,
  );

describe('behind a forward proxy', () => {
  test('an http provider is asked for by its whole URL, with the query of its base URL', async () => {
    expect((await chat('plain/ok')).status).toBe(200);
    expect(proxy.asked).toContain(
      `POST http://inference.internal:${mock.port}/v1/chat/completions?api-version=2024-10-21`,
    );
    const streamed = await chat('plain/text:20', { stream: true });
    expect(textOf(streamed.events).length).toBeGreaterThan(20);
  });

  test('an https provider with an authority of its own is reached through a tunnel, with our certificate', async () => {
    expect((await chat('secure/ok')).status).toBe(200);
    const streamed = await chat('secure/text:20', { stream: true });
    expect(textOf(streamed.events).length).toBeGreaterThan(20);
    expect(proxy.asked).toContain(`CONNECT secure.internal:${(secure.address() as AddressInfo).port}`);
  });

  test('this machine is reached without it', async () => {
    const before = proxy.asked.length;
    expect((await chat('oa/ok')).status).toBe(200);
    expect(proxy.asked).toHaveLength(before);
  });

  test('what NO_PROXY names is not asked of it', async () => {
    const before = proxy.asked.length;
    const { json } = await chat('direct/ok');
    expect(pick(json, 'error.message')).toBe("The provider's host name could not be resolved.");
    expect(proxy.asked).toHaveLength(before);
  });

  test('a proxy that refuses is told of in words, and its password nowhere', async () => {
    const answer = await chat('wrong/ok');
    expect(answer.status).toBe(502);
    expect(pick(answer.json, 'error.message')).toBe('The proxy on the way to the provider refused.');
    expect(await failureOf('wrong')).toMatchObject({
      reason: 'PROXY_REFUSED',
      upstream: `127.0.0.1:${proxy.port}`,
      proxied: true,
    });
    expect(gateway.output()).not.toContain('s3cret-login');
    expect(gateway.output()).toContain(`127.0.0.1:${proxy.port}`);
  });
});

describe('a provider over TLS', () => {
  test.each([
    [
      'whose authority nobody vouches for',
      'untrusting',
      "The provider's TLS certificate or version was refused.",
      /CERT|SIGNED|VERIFY/,
    ],
    [
      'that wants a certificate of ours',
      'unknown',
      "The provider refused the gateway's TLS certificate, or wants one.",
      /CERTIFICATE/,
    ],
  ])('%s is refused for a reason in the log', async (_, provider, message, reason) => {
    const answer = await chat(`${provider}/ok`);
    expect(answer.status).toBe(502);
    expect(pick(answer.json, 'error.message')).toBe(message);
    expect((await failureOf(provider))['reason']).toMatch(reason);
  });
});
