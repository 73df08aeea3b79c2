import { describe, expect, it } from 'vitest';
import { namesToAsk, parseResolvConf } from './resolv-conf.ts';

const POD = `search inference.svc.cluster.local svc.cluster.local cluster.local
nameserver 10.96.0.10
options ndots:5
`;

describe('resolv.conf', () => {
  it('of a pod is understood', () => {
    expect(parseResolvConf(POD)).toMatchObject({
      servers: ['10.96.0.10'],
      search: ['inference.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
    });
  });

  it('may hold several servers, comments, a domain, options, and what nobody knows', () => {
    const text =
      '# made\nnameserver 1.1.1.1 # one\nnameserver fe80::1%eth0\nnameserver ns.example\ndomain Corp.Example.\n' +
      'options timeout:3 attempts:9 edns0 ndots:x\nsortlist 1.2.3.4\nbroken\n';
    expect(parseResolvConf(text)).toEqual({
      servers: ['1.1.1.1', 'fe80::1%eth0'],
      search: ['corp.example'],
      ndots: 1,
      timeoutMs: 3_000,
      attempts: 5,
    });
  });

  it('that says nothing leaves defaults', () => {
    expect(parseResolvConf('')).toEqual({ servers: [], search: [], ndots: 1, timeoutMs: 1_000, attempts: 2 });
  });
});

describe('names to ask for', () => {
  const pod = parseResolvConf(POD);

  it('are short ones behind each domain first, then as they are', () => {
    expect(namesToAsk('vllm', pod)).toEqual([
      'vllm.inference.svc.cluster.local',
      'vllm.svc.cluster.local',
      'vllm.cluster.local',
      'vllm',
    ]);
    expect(namesToAsk('api.example.com', pod).at(-1)).toBe('api.example.com');
  });

  it('are long ones as they are first', () => {
    const conf = { search: ['corp.example'], ndots: 1 };
    expect(namesToAsk('api.example.com', conf)).toEqual(['api.example.com', 'api.example.com.corp.example']);
    expect(namesToAsk('gpu', conf)).toEqual(['gpu.corp.example', 'gpu']);
    expect(namesToAsk('gpu', { search: [], ndots: 5 })).toEqual(['gpu']);
  });

  it('that end with a dot are whole', () => {
    expect(namesToAsk('api.example.com.', pod)).toEqual(['api.example.com']);
  });
});
