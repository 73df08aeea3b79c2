import { describe, expect, it } from 'vitest';
import { requestBody } from './request-body.ts';
import { readWrk, wrkScript } from './wrk.ts';

describe('what wrk prints', () => {
  it('is read with its failures taken off', () => {
    const text =
      'Running 2s test\nSUMMARY 1000 2000000 1 2 3 100 4\nLATENCY 500 900 990 999 1500 510\nTransfer/sec';
    expect(readWrk(text)).toEqual({
      requests: 900,
      failed: 110,
      perSecond: 450,
      latencyMicros: { p50: 500, p90: 900, p99: 990, p999: 999, max: 1500, mean: 510 },
      firstFault: '100 answers other than 200, 6 broken connections, 4 without answer',
    });
  });

  it('is refused when there is nothing to read', () => {
    expect(() => readWrk('unable to connect')).toThrow('unable to connect');
  });
});

describe('the script of wrk', () => {
  const body = requestBody({ dialect: 'openai', model: 'm', bytes: 1024, streamed: false });

  it('counts in the question where each body is another one', () => {
    const [before = '', behind = ''] = body.split('headgate');
    const script = wrkScript({ authorization: 'k' }, body, true);
    expect(script).toContain(`[==[${before}]==], [==[${behind}]==]`);
    expect(script).toContain('%08d');
  });

  it('sends one body otherwise', () => {
    expect(wrkScript({}, body, false)).not.toContain('function request');
  });
});
