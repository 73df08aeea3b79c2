import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { createHttpUpstream } from './client.ts';

// A throw-away pair made for this file: self-signed, for the name `localhost` only, valid for a hundred years.
const CERT = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUHmh5DwevSoS50/kHSYolwmXVq7wwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA4Mjc1MFoYDzIxMjYxMDI4
MDgyNzUwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQzfBnYNwQr4PHGmDVcrsknQh48pR3LoBPJhHK/m9Os1Vjd2NZ++4HM
J3FkWTQMixnjcfieC4joRK/CgNjaPL3bo2kwZzAdBgNVHQ4EFgQUkJi4rtrIiSzv
yap0GWu8PnlEpigwHwYDVR0jBBgwFoAUkJi4rtrIiSzvyap0GWu8PnlEpigwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAITMCXJi06+2Z+tass8jaRYiIi4BXABlDDnNhxCKUkRIAiAaEACcd49A
UkhVRMwqoHd0stCERZ3DxQniMbDAuUPzgg==
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFIB6pgt0epjRo+7O2bl5T9GdI+bOy34DLp4VbZKyAyvoAoGCCqGSM49
AwEHoUQDQgAEM3wZ2DcEK+Dxxpg1XK7JJ0IePKUdy6ATyYRyv5vTrNVY3djWfvuB
zCdxZFk0DIsZ43H4nguI6ESvwoDY2jy92w==
-----END EC PRIVATE KEY-----`;

const servers: Server[] = [];
const upstreams: Upstream[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
});

async function listen(options: TlsOptions = {}): Promise<number> {
  const server = createServer({ key: KEY, cert: CERT, ...options }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  server.on('tlsClientError', () => {});
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function ask(baseUrl: string, ca?: string): Promise<number | GatewayError> {
  const upstream = createHttpUpstream({
    baseUrl,
    ca,
    connections: 1,
    connectTimeoutMs: 300,
    closeTimeoutMs: 100,
  });
  upstreams.push(upstream);
  return new Promise((resolve) => {
    let got = 0;
    upstream.send(
      { method: 'POST', path: '/', headers: {}, body: null },
      {
        onSent() {},
        onHead: (status) => {
          got = status;
        },
        onData() {},
        onEnd: () => resolve(got),
        onError: resolve,
      },
    );
  });
}

describe('a provider over TLS', () => {
  it('is reached when its certificate is trusted and names the host', async () => {
    expect(await ask(`https://localhost:${await listen()}`, CERT)).toBe(200);
  });

  it('is refused for good when its certificate is self-signed or for another host', async () => {
    const port = await listen();
    for (const answer of [
      await ask(`https://localhost:${port}`),
      await ask(`https://127.0.0.1:${port}`, CERT),
    ]) {
      expect(answer).toBeInstanceOf(GatewayError);
      expect(answer).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', retry: 'next' });
    }
  });

  it('is refused for good when it speaks another version of TLS', async () => {
    const port = await listen({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
    expect(await ask(`https://localhost:${port}`, CERT)).toMatchObject({
      code: 'GW_UPSTREAM_CONNECT',
      retry: 'next',
    });
  });

  it('counts as a connect time-out when the handshake stalls', async () => {
    const { createServer: createPlain } = await import('node:net');
    const plain = createPlain((socket) => socket.on('error', () => {}).resume());
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const answer = await ask(`https://localhost:${(plain.address() as AddressInfo).port}`, CERT);
    plain.close();
    expect(answer).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', errorType: 'provider_timeout_connect' });
  });
});
