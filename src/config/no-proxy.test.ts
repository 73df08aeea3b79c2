import { describe, expect, it } from 'vitest';
import { isExempt } from './no-proxy.ts';

describe('NO_PROXY', () => {
  it.each<[list: string, host: string, port: number, exempt: boolean]>([
    ['*', 'api.example.com', 443, true],
    ['', 'api.example.com', 443, false],
    ['other.test, example.com', 'api.example.com', 443, true],
    ['other.test example.com', 'example.com', 443, true],
    ['.example.com', 'example.com', 443, true],
    ['.example.com', 'a.b.example.com', 443, true],
    ['*.example.com', 'a.example.com', 443, true],
    ['*.example.com', 'example.com', 443, false],
    ['example.com', 'badexample.com', 443, false],
    ['EXAMPLE.com.', 'Api.Example.Com', 443, true],
    ['example.com:8443', 'example.com', 8443, true],
    ['example.com:8443', 'example.com', 443, false],
    ['10.0.0.0/8', '10.20.30.40', 80, true],
    ['10.0.0.0/8', '11.0.0.1', 80, false],
    ['10.0.0.0/8', 'ten.example', 80, false],
    ['10.0.0.1', '10.0.0.1', 80, true],
    ['10.0.0.1', '10.0.0.12', 80, false],
    ['10.0.0.1:8000', '10.0.0.1', 8000, true],
    ['10.0.0.1:8000', '10.0.0.1', 80, false],
    ['fd00::/8', '[fd12::1]', 80, true],
    ['fd12:0:0::1', '[fd12::1]', 80, true],
    ['[fd12::1]:8000', '[fd12::1]', 8000, true],
    ['[fd12::1]:8000', '[fd12::1]', 80, false],
    ['10.0.0.0/99, x/8, /8, .', '10.0.0.1', 80, false],
    ['svc.cluster.local', 'vllm.ns.svc.cluster.local', 80, true],
  ])('%j and %s:%d: %s', (list, host, port, exempt) => {
    expect(isExempt(list, host, port)).toBe(exempt);
  });
});
