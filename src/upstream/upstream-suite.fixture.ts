// What every HTTP upstream of the gateway must do, as one suite over real sockets: `describeUpstream(name, make)`. When
// connections are used again: reuse-suite.fixture.ts.
import { describe } from 'vitest';
import type { Upstream } from '../contracts/upstream.ts';
import { answersOf } from './answer-suite.fixture.ts';
import { abortOf, closeOf, slowReaderOf } from './caller-suite.fixture.ts';
import { faultsOf } from './fault-suite.fixture.ts';
import type { LeanUpstreamOptions } from './lean-client.ts';
import { upstreamsBy } from './upstreams.fixture.ts';

export function describeUpstream(name: string, make: (options: LeanUpstreamOptions) => Upstream): void {
  describe(name, () => {
    const upstreamOf = upstreamsBy(make);
    describe('a call that goes well', () => answersOf(upstreamOf));
    describe('a slow reader', () => slowReaderOf(upstreamOf));
    describe('abort', () => abortOf(upstreamOf));
    describe('close()', () => closeOf(upstreamOf));
    describe('faults', () => faultsOf(upstreamOf));
  });
}
