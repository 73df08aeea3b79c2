import { describe, expect, it } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import { makeConfig } from '../fakes.fixture.ts';
import { banner } from './banner.ts';

const demo = makeProvider('demo', { kind: 'demo', baseUrl: '', keys: [], models: ['demo', '*'] });

const OFF = { enabled: false, port: null, host: '127.0.0.1' };

describe('start-up text', () => {
  it('tells where people administer it, on its own port too, and nothing where nobody does', () => {
    const on = banner(makeConfig(), 1, '1', { ...OFF, enabled: true });
    for (const path of ['/ui', '/api/openapi.json', '/docs/'])
      expect(on).toContain(`http://127.0.0.1:8080${path} `);
    const apart = banner(makeConfig(), 1, '1', { enabled: true, port: 9090, host: '::' });
    expect(apart).toContain('http://[::1]:9090/ui ');
    expect(apart).not.toContain('8080/ui');
    expect(banner(makeConfig(), 1, '1', OFF)).not.toContain('/ui');
  });

  it('names address, workers and providers, and never prints a key', () => {
    const text = banner(makeConfig(), 1, '1.2.3', OFF);
    expect(text).toContain('headgate 1.2.3 listens on 127.0.0.1:8080 with 2 workers');
    expect(text).toContain('providers: openai');
    expect(text).toContain('required (1 known)');
    expect(text).not.toMatch(/sk-secret-openai/);
  });

  it('names listeners beside the first, and is silent where there are none', () => {
    const one = { host: '127.0.0.1', unix: null, tls: null, http2: false, grpc: false, keepAliveMs: 1 };
    const config = makeConfig((made) => {
      made.server.listeners = [
        { ...one, port: 8443, tls: { cert: 'c', key: 'k' }, http2: true, proxyProtocol: false },
        { ...one, port: null, unix: '/run/gate.sock', proxyProtocol: false },
      ];
    });
    expect(banner(config, 1, '1', OFF)).toContain(
      '  also on:   127.0.0.1:8443 (TLS, HTTP/2), unix:/run/gate.sock\n',
    );
    expect(banner(makeConfig(), 1, '1', OFF)).not.toContain('also on');
  });

  it('shows a curl line for the demo that a shell can run as it stands', () => {
    const config = makeConfig((one) => {
      one.providers = [demo];
      one.auth = { anonymous: true };
    });
    const line = banner(config, 1, '1', OFF)
      .split('\n')
      .find((one) => one.includes('curl'))!;
    expect(line).toContain('http://127.0.0.1:8080/v1/chat/completions');
    const body = /-d '([^']*)'/.exec(line)?.[1] ?? '';
    expect(JSON.parse(body)).toMatchObject({ model: 'demo/demo', stream: true });
  });

  it('shows no line to try when every provider costs money', () => {
    expect(banner(makeConfig(), 1, '1', OFF)).not.toContain('curl');
  });

  it('prints an address that can be called where the gateway listens on all', () => {
    for (const [host, shown] of [
      ['0.0.0.0', '127.0.0.1:8080'],
      ['::', '[::1]:8080'],
      ['fd00::1', '[fd00::1]:8080'],
    ] as const) {
      const config = makeConfig((one) => {
        one.providers = [demo];
        one.server.host = host;
      });
      expect(banner(config, 1, '1', OFF)).toContain(`http://${shown}/v1`);
    }
  });

  it('warns when nobody needs a key and other machines can reach the port', () => {
    const config = makeConfig((one) => {
      one.auth = { anonymous: true };
      one.server.host = '0.0.0.0';
    });
    expect(banner(config, 1, '1', OFF)).toContain('anyone who reaches it can use it');
  });
});
