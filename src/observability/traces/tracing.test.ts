import { describe, expect, it } from 'vitest';
import type { TracesConfig } from '../../contracts/telemetry.ts';
import { attemptSpanId, readTraceparent, traceparentOf } from './traceparent.ts';
import { createTracing } from './tracing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const traces = (change: Partial<TracesConfig> = {}): TracesConfig => ({
  enabled: true,
  sampleRatio: 0.25,
  parent: 'follow',
  propagate: true,
  content: false,
  ...change,
});
const headers = (all: Record<string, string>) => ({ get: (name: string) => all[name] });

describe('traceparent', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [` 00-${TRACE}-${SPAN}-01 `, true],
    // A later version may say more.
    [`cc-${TRACE}-${SPAN}-01-what-the-future-has`, true],
  ])('%s is read', (value, sampled) => {
    expect(readTraceparent(value)).toEqual({ traceId: TRACE, parentId: SPAN, sampled });
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  ])('%s is none', (value) => {
    expect(readTraceparent(value)).toBeNull();
  });

  it('of an attempt is of the call’s trace and of no other span', () => {
    const trace = {
      traceId: TRACE,
      spanId: 'b7ad6b716920ffff',
      parentId: '',
      state: '',
      sampled: true,
      told: true,
    };
    const ids = [1, 2, 3].map((number) => attemptSpanId(trace, number));
    expect(ids).toEqual(['b7ad6b7169200000', 'b7ad6b7169200001', 'b7ad6b7169200002']);
    expect(traceparentOf(trace, 1)).toBe(`00-${TRACE}-b7ad6b7169200000-01`);
  });
});

describe('whether a call is recorded', () => {
  it('is its caller’s to say', () => {
    const never = createTracing(traces(), () => 0.99);
    const caller = headers({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=1' });
    const trace = never.begin(caller)!;
    expect(trace).toMatchObject({ traceId: TRACE, parentId: SPAN, state: 'a=1', sampled: true });
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.spanId).not.toBe(SPAN);

    const always = createTracing(traces(), () => 0);
    const unrecorded = always.begin(headers({ traceparent: `00-${TRACE}-${SPAN}-00` }))!;
    expect(unrecorded.sampled).toBe(false);
    // Its trace goes on all the same, as it came.
    expect(traceparentOf(unrecorded, 1)).toBe(`00-${TRACE}-${SPAN}-00`);
  });

  it('is a matter of the ratio without one, and where callers are not trusted with it', () => {
    let drawn = 0.24;
    const tracing = createTracing(traces({ parent: 'ignore' }), () => drawn);
    const caller = headers({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=1' });
    const trace = tracing.begin(caller)!;
    expect(trace).toMatchObject({ parentId: '', state: '', sampled: true });
    expect(trace.traceId).not.toBe(TRACE);
    drawn = 0.25;
    expect(tracing.begin(caller)).toBeNull();
    expect(createTracing(traces(), () => drawn).begin(headers({}))).toBeNull();
  });

  it('says nothing to providers unless it should', () => {
    const quiet = createTracing(traces({ propagate: false }), () => 0);
    expect(quiet.begin(headers({}))!.told).toBe(false);
    expect(quiet.begin(headers({ traceparent: `00-${TRACE}-${SPAN}-00` }))).toBeNull();
  });

  it('leaves out a state that is too long to be handed on', () => {
    const caller = headers({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a'.repeat(513) });
    expect(createTracing(traces()).begin(caller)!.state).toBe('');
  });
});
