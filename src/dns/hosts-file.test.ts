import { describe, expect, it } from 'vitest';
import { parseHosts } from './hosts-file.ts';

describe('a hosts file', () => {
  it('names hosts in any case, several a line, several lines a name, and comments nothing', () => {
    const hosts = parseHosts(
      '127.0.0.1 localhost\n# 10.0.0.9 off\n10.0.0.1\tLLM.internal llm  # the pool\r\n10.0.0.2 llm\n::1 localhost\n10.0.0.1 llm.\n',
    );
    expect(hosts.get('llm')).toEqual([
      { address: '10.0.0.1', family: 4 },
      { address: '10.0.0.2', family: 4 },
    ]);
    expect(hosts.get('llm.internal')).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(hosts.get('localhost')?.map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
    expect(hosts.has('off')).toBe(false);
  });

  it('is read as far as it can be', () => {
    expect(parseHosts('').size).toBe(0);
    expect([...parseHosts('not-an-address a\n300.1.1.1 b\n10.0.0.1\n\0\n10.0.0.2 c').keys()]).toEqual(['c']);
  });
});
