import type { HttpRequest } from 'uWebSockets.js';
import { describe, expect, test } from 'vitest';
import { copyHead } from './head.ts';

const nobody = { socketAddress: () => '', proxiedAddress: () => '' };

/** What copyHead asks of uWS's request. */
function arrived(...headers: [string, string][]): HttpRequest {
  const request: Partial<HttpRequest> = {
    forEach: (visit) => {
      for (const [name, value] of headers) visit(name, value);
    },
    getCaseSensitiveMethod: () => 'POST',
    getUrl: () => '/v1/messages',
    getQuery: (() => '') as HttpRequest['getQuery'],
  };
  return request as HttpRequest; // the rest is not asked for
}

test.each([
  ['close', true],
  ['Close, TE', true],
  ['keep-alive', false],
  ['enclose', false],
])('connection: %s asks to close: %s', (value, asks) => {
  expect(copyHead(arrived(['host', 'gate'], ['connection', value]), nobody).asksClose).toBe(asks);
});

describe('a host', () => {
  test.each([
    'gate',
    'gate.example.com',
    'gate.example.com:8080',
    'gate_keeper-1:80',
    '127.0.0.1:8080',
    '[::1]',
    '[fe80::1]:8080',
    'xn--bcher-kva.example',
    'localhost:',
  ])('%s is one', (host) => {
    expect(copyHead(arrived(['host', host]), nobody).fault).toBe('');
  });

  test.each([
    ['', 'nothing, as of bytes beyond ASCII'],
    ['a b', 'two words'],
    ['a/b', 'a path'],
    ['user@gate', 'a user'],
    ['http://gate', 'a URL'],
    ['gate:port', 'a port that is no number'],
    ['gate:123456', 'a port that is none'],
    ['gate, gate', 'a list'],
    ['[::1', 'half a bracket'],
    ['gate?x', 'a query'],
    ['g\ufffdte', 'a replacement'],
  ])('%j is none: %s', (host) => {
    expect(copyHead(arrived(['host', host]), nobody).fault).toBe('host is not a host name');
  });
});
