// Lane numbers as metrics: read once per push, so that a lane itself knows nothing of metrics.
import type { LaneStats } from '../contracts/lane.ts';
import type { CounterHandle, GaugeHandle, Recorder } from './recorder.ts';

interface LaneSeries {
  inFlight: GaugeHandle;
  queued: GaugeHandle;
  shed: CounterHandle;
  /** Running total at the last reading. */
  shedBefore: number;
}

export interface LaneMeter {
  /** Takes a lane's numbers; call it for each lane before takeDelta. */
  read(provider: string, stats: LaneStats): void;
  /** Share of up keys, streams being written: known to others than the lane's stats. */
  keyUp(provider: string, keyAlias: string, up: boolean): void;
  streamsOpen(provider: string, count: number): void;
}

/** Makes the meter of one worker's lanes. */
export function createLaneMeter(recorder: Recorder): LaneMeter {
  const lanes = new Map<string, LaneSeries>();
  return {
    read(provider, stats) {
      let lane = lanes.get(provider);
      if (lane === undefined) {
        lane = {
          inFlight: recorder.gauge('headgate_in_flight_requests', [provider]),
          queued: recorder.gauge('headgate_queue_depth', [provider]),
          shed: recorder.counter('headgate_shed_total', [provider]),
          shedBefore: 0,
        };
        lanes.set(provider, lane);
      }
      lane.inFlight.set(stats.inFlight);
      lane.queued.set(stats.queued);
      if (stats.limit !== null) recorder.gauge('headgate_lane_limit', [provider]).set(stats.limit);
      // A lane made anew by a reload counts from zero again.
      const fresh = stats.shed >= lane.shedBefore ? stats.shed - lane.shedBefore : stats.shed;
      if (fresh > 0) lane.shed.add(fresh);
      lane.shedBefore = stats.shed;
    },
    keyUp: (provider, keyAlias, up) =>
      recorder.gauge('headgate_upstream_key_up', [provider, keyAlias]).set(up ? 1 : 0),
    streamsOpen: (provider, count) => recorder.gauge('headgate_streams_open', [provider]).set(count),
  };
}
