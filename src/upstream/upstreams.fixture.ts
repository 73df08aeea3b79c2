// Makes the upstreams that a suite asks, and closes them.
import { afterEach } from 'vitest';
import type { Upstream } from '../contracts/upstream.ts';
import type { LeanUpstreamOptions } from './lean-client.ts';
import { closePeers } from './peer.fixture.ts';

/** An upstream of the server at `port` of this machine, patient enough for a test. */
export type UpstreamOf = (port: number, options?: Partial<LeanUpstreamOptions>) => Upstream;

/** For the tests of the `describe` that calls it: what they made is closed behind each of them, peers included. */
export function upstreamsBy(make: (options: LeanUpstreamOptions) => Upstream): UpstreamOf {
  const upstreams: Upstream[] = [];

  afterEach(async () => {
    closePeers();
    await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
  });

  return (port, options = {}) => {
    const upstream = make({
      baseUrl: `http://127.0.0.1:${port}`,
      connections: 4,
      connectTimeoutMs: 20_000,
      closeTimeoutMs: 200,
      ...options,
    });
    upstreams.push(upstream);
    return upstream;
  };
}
