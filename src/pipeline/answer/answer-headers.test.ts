import { describe, expect, it } from 'vitest';
import { makeProvider } from '../../../tests/kit/provider-config.ts';
import { type Headers, passUpstreamHeaders, translateUpstreamHeaders } from './answer-headers.ts';

const ANTHROPIC = {
  'request-id': 'req_1',
  'anthropic-organization-id': 'org',
  'anthropic-ratelimit-requests-limit': '50',
  'anthropic-ratelimit-requests-remaining': '49',
  'anthropic-ratelimit-requests-reset': '2026-11-21T00:00:00Z',
  'anthropic-ratelimit-tokens-remaining': '1000',
  'anthropic-ratelimit-input-tokens-remaining': '900',
  'set-cookie': 'a=b',
};
const PROVIDER = makeProvider('p', {
  keys: [{ value: 'sk-of-the-gateway', weight: 1, models: [], alias: 'k' }],
});
const OPENAI = {
  'x-request-id': 'req_2',
  'openai-organization': 'org',
  'x-ratelimit-limit-requests': '500',
  'x-ratelimit-remaining-tokens': '149000',
  'x-ratelimit-reset-tokens': '6m0s',
  server: 'cf',
};

describe('headers of an upstream on their way to the client', () => {
  it('pass as they are within one dialect, cookies and server names excepted', () => {
    const headers: Headers = [];
    passUpstreamHeaders(headers, OPENAI, PROVIDER);
    expect(Object.fromEntries(headers)).toEqual({
      'openai-organization': 'org',
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-tokens': '149000',
      'x-ratelimit-reset-tokens': '6m0s',
      'x-headgate-upstream-request-id': 'req_2',
    });
  });

  it("tell an OpenAI client an Anthropic upstream's limits under the names it reads", () => {
    const headers: Headers = [];
    translateUpstreamHeaders(headers, ANTHROPIC, 'x-ratelimit', PROVIDER);
    expect(Object.fromEntries(headers)).toEqual({
      'x-ratelimit-limit-requests': '50',
      'x-ratelimit-remaining-requests': '49',
      'x-ratelimit-remaining-tokens': '1000',
      'x-headgate-upstream-request-id': 'req_1',
    });
  });

  it("tell an Anthropic client an OpenAI upstream's", () => {
    const headers: Headers = [];
    translateUpstreamHeaders(headers, OPENAI, 'anthropic-ratelimit', PROVIDER);
    expect(Object.fromEntries(headers)).toEqual({
      'anthropic-ratelimit-requests-limit': '500',
      'anthropic-ratelimit-tokens-remaining': '149000',
      'x-headgate-upstream-request-id': 'req_2',
    });
  });

  it('are left out when they give back a key of ours', () => {
    const echo = { 'openai-organization': 'Bearer sk-of-the-gateway', 'x-request-id': 'sk-of-the-gateway' };
    const headers: Headers = [];
    passUpstreamHeaders(headers, echo, PROVIDER);
    translateUpstreamHeaders(headers, echo, 'anthropic-ratelimit', PROVIDER);
    expect(headers).toEqual([]);
  });
});
