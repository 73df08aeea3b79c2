// What machines refused, had answered by themselves, or could not send.
import type { EdgeEvent } from '../../api/edge.ts';
import { usePages } from '../../api/pages.ts';
import { span } from '../../format/time.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { More } from '../../parts/more.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';

const WORDS = {
  blocked: ['bad', 'refused there'],
  fallback: ['warn', 'answered there'],
  failed: ['bad', 'could not be sent'],
} as const;

export function Events() {
  const list = usePages<EdgeEvent>('/api/edge/events', {});
  if (list.problem !== null) return <ErrorNote problem={list.problem} again={list.again} />;
  if (list.items === null) return <Shape lines={5} />;
  if (list.items.length === 0)
    return (
      <Empty title="No events">
        <p>
          What a machine refuses, has answered by itself or cannot send while this gateway is away is told
          when it asks next. Everything else is a call like any other, in the log.
        </p>
      </Empty>
    );
  return (
    <section class="panel">
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>For</th>
              <th>App</th>
              <th>Asked</th>
              <th class="num">Status</th>
              <th class="num">Took</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((event) => (
              <tr key={`${event.device} ${event.id}`}>
                <td>
                  <Time at={event.at} />
                </td>
                <td class={WORDS[event.outcome][0]}>{WORDS[event.outcome][1]}</td>
                <td>
                  <span class="clip mono">{event.reason || '–'}</span>
                </td>
                <td>
                  <span class="clip">{event.app || '–'}</span>
                </td>
                <td>
                  <span class="clip mono">{event.model || `${event.method} ${event.path}`}</span>
                </td>
                <td class="num">{event.status}</td>
                <td class="num">{span(event.durationMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More list={list} />
    </section>
  );
}
