// Why this target: from the name that was asked for to who answered, and what did not.
import type { LogRow } from '../../api/logs.ts';
import { whyOf } from './reasons.ts';

export function Why({ call, attempts }: { call: LogRow; attempts: readonly LogRow[] }) {
  return (
    <section>
      <h3>Why here</h3>
      <ol class="plain-list">
        {whyOf(call, attempts).map((line) => (
          <li key={line} class="break">
            {line}
          </li>
        ))}
      </ol>
    </section>
  );
}
