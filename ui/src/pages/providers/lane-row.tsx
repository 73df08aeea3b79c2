// One lane: what waits | the gate | slots in flight, with its state in a word.
import type { LaneView } from '../../api/cluster.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { rate, short } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { type LaneState, marksOf, stateOf } from './lanes.ts';

const WORDS: Readonly<Record<LaneState, string>> = {
  flows: 'flows',
  full: 'full',
  resting: 'rests in part',
  blocked: 'blocked',
  paused: 'paused',
};
const LOOKS: Readonly<Record<LaneState, string>> = {
  flows: 'ok',
  full: 'warn',
  resting: 'warn',
  blocked: 'bad',
  paused: 'off',
};

export function LaneWord({ lane }: { lane: LaneView }) {
  const state = stateOf(lane);
  return <span class={`dot ${LOOKS[state]}`}>{WORDS[state]}</span>;
}

export function LaneRow({ lane }: { lane: LaneView }) {
  const { provider, inFlight, slots, queued, queueSlots, ratePerSecond, p95Ms } = lane;
  const state = stateOf(lane);
  const marks = marksOf(lane).join(', ');
  return (
    <div class={`lane ${state}`}>
      <Link to={placeOf(`/providers/${encodeURIComponent(provider)}`)} class="clip lane-name">
        {provider}
      </Link>
      <LaneBar lane={lane} />
      <span class="lane-state">
        <LaneWord lane={lane} />
        {marks !== '' && (
          <span class="small muted clip" title={marks}>
            {marks}
          </span>
        )}
      </span>
      <span class="num lane-rate">
        {rate(ratePerSecond)}
        <span class="muted"> p95 {span(p95Ms)}</span>
        <span class="hidden-text">
          {inFlight} of {slots} slots, {queued} of {queueSlots} waiting
        </span>
      </span>
    </div>
  );
}

export function LaneBar({ lane }: { lane: LaneView }) {
  const { inFlight, slots, queued, queueSlots } = lane;
  const share = (part: number, whole: number): string =>
    `${whole === 0 ? 0 : Math.min(100, (part / whole) * 100)}%`;
  return (
    <div class={`lane-bar ${stateOf(lane)}`} aria-hidden="true">
      <span class="lane-queue" title={`${queued} of ${queueSlots} waiting`}>
        <i style={{ width: share(queued, queueSlots) }} />
        {queued > 0 && (
          // Beside what it counts, and within the bar where that fills it.
          <b style={{ right: `min(calc(${share(queued, queueSlots)} + 5px), calc(100% - 5ch))` }}>
            {short(queued)}
          </b>
        )}
      </span>
      <span class="lane-gate" />
      <span class="lane-slots" title={`${inFlight} of ${slots} slots in flight`}>
        <i style={{ width: share(inFlight, slots) }} />
        <b>
          {short(inFlight)}
          {' / '}
          {short(slots)}
        </b>
      </span>
    </div>
  );
}
