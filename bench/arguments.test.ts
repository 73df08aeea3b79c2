import { describe, expect, it } from 'vitest';
import { chosen, readArguments } from './arguments.ts';

describe('command line of the bench', () => {
  it('runs everything beside everybody on separate cores by default', () => {
    expect(readArguments([], 2)).toMatchObject({
      scenarios: [],
      versus: null,
      rounds: 3,
      seconds: 4,
      quick: false,
      gatewayCores: [0],
      loadCores: [1],
    });
    expect(readArguments([], 8).loadCores).toEqual([1, 2, 3]);
    expect(readArguments(['--gateway-cores', '2,3'], 4).loadCores).toEqual([0, 1]);
  });

  it('takes scenarios, peers and short rounds', () => {
    const args = readArguments(['overhead', 'cpu', '--vs', 'nginx, portkey', '--quick'], 2);
    expect(args).toMatchObject({
      scenarios: ['overhead', 'cpu'],
      versus: ['nginx', 'portkey'],
      rounds: 1,
      seconds: 1,
    });
    expect(readArguments(['--vs', 'none'], 2).versus).toEqual([]);
  });

  it('refuses what it does not understand', () => {
    expect(() => readArguments(['--rounds', '0'], 2)).toThrow('--rounds wants a whole number');
    expect(() => readArguments(['--load-cores', '2'], 2)).toThrow('cores from 0 to 1');
    expect(() => readArguments(['--fast'], 2)).toThrow('--fast');
    expect(() => chosen('peer', [{ name: 'a' }], ['b'])).toThrow('no peer b; there are a');
  });
});
