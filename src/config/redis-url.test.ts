import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url.ts';

describe('a Redis URL', () => {
  it('names one server, with defaults for what it does not say', () => {
    expect(parseRedisUrl('redis://cache')).toMatchObject({
      kind: 'standalone',
      nodes: [{ host: 'cache', port: 6379 }],
      tls: false,
      user: null,
      password: null,
      db: 0,
      prefix: null,
    });
    expect(parseRedisUrl('rediss://gate:p%40ss%2Fw@[::1]:7000/3?prefix=eu')).toMatchObject({
      nodes: [{ host: '::1', port: 7000 }],
      tls: true,
      user: 'gate',
      password: 'p@ss/w',
      db: 3,
      prefix: 'eu',
    });
    expect(parseRedisUrl('redis://:secret@h')).toMatchObject({ user: null, password: 'secret' });
  });

  it('names Sentinels and the master they watch', () => {
    expect(parseRedisUrl('redis-sentinel://u:p@a,b:26380/main/2?sentinel_password=sp')).toMatchObject({
      kind: 'sentinel',
      nodes: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
      ],
      masterName: 'main',
      db: 2,
      user: 'u',
      password: 'p',
      sentinelUser: null,
      sentinelPassword: 'sp',
    });
  });

  it('names nodes of a Cluster, in one URL or as a list of them', () => {
    const nodes = [
      { host: 'a', port: 7000 },
      { host: 'b', port: 6379 },
    ];
    expect(parseRedisUrl('rediss-cluster://a:7000,b')).toMatchObject({ kind: 'cluster', tls: true, nodes });
    expect(parseRedisUrl('redis://:p@a:7000,redis://:p@b')).toMatchObject({
      kind: 'cluster',
      password: 'p',
      nodes,
    });
  });

  it('is refused without being repeated', () => {
    const wrong = [
      '',
      'http://secret@h',
      'redis://',
      'redis://:secret@',
      'redis://:secret@h:99999',
      'redis://:secret@h:6379/x',
      'redis://:secret@h/1/2',
      'redis://:secret@a,b',
      'redis://:secret@h?db=secret',
      'redis://:secret%zz@h',
      'redis-sentinel://:secret@h',
      'redis-cluster://:secret@h/4',
      'redis://:secret@a,rediss://:secret@b',
    ];
    for (const url of wrong) {
      expect(() => parseRedisUrl(url), url).toThrow();
      try {
        parseRedisUrl(url);
      } catch (error) {
        expect(String(error)).not.toContain('secret');
      }
    }
  });
});
