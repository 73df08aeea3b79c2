// One lane: what waits | the gate | slots in flight, with its state in a word.
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { rate, short } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import type { Lane } from './lanes.ts';

const WORDS = {
  flows: 'flows',
  full: 'full',
  resting: 'keys rest',
  blocked: 'blocked',
  paused: 'paused',
} as const;
const LOOKS = { flows: 'ok', full: 'warn', resting: 'warn', blocked: 'bad', paused: 'off' } as const;

export function LaneRow({ lane }: { lane: Lane }) {
  const { name, state, inFlight, slots, waiting, queue, perSecond, p95Ms, marks } = lane;
  const used = slots === null || slots === 0 ? 0 : Math.min(1, inFlight / slots);
  const queued = queue === null || queue === 0 ? 0 : Math.min(1, waiting / queue);
  return (
    <div class={`lane ${state}`}>
      <Link to={placeOf('/logs', { provider: name })} class="clip lane-name" title={`Calls of ${name}`}>
        {name}
      </Link>
      <div
        class="lane-bar"
        role="img"
        aria-label={`${WORDS[state]}: ${inFlight} of ${slots ?? 'any number of'} slots in flight, ${waiting} waiting`}
      >
        <span class="lane-queue">
          <i style={{ width: `${queued * 100}%` }} />
        </span>
        <span class="lane-gate" />
        <span class="lane-slots">
          <i style={{ width: `${used * 100}%` }} />
          <b>
            {short(inFlight)}
            {slots !== null && <span class="muted"> / {short(slots)}</span>}
          </b>
        </span>
      </div>
      <span class={`lane-state ${LOOKS[state]}`}>
        <span class="dot">{WORDS[state]}</span>
        {marks.length > 0 && (
          <span class="small muted clip" title={marks.join(', ')}>
            {marks.join(', ')}
          </span>
        )}
      </span>
      <span class="num lane-rate">
        {perSecond === null ? '' : rate(perSecond)}
        {p95Ms !== null && <span class="muted"> p95 {span(p95Ms)}</span>}
      </span>
    </div>
  );
}
