// What was decided of something, what holds now, and the buttons that decide.
import type { Decided } from '../../api/edge.ts';
import { asProblem } from '../../api/problem.ts';
import { Gated } from '../../parts/gated.tsx';
import { toast } from '../../parts/toast.tsx';

const WORDS = { pending: 'warn', approved: 'ok', denied: 'bad' } as const;

export function StateBadge({ state, decision }: Pick<Decided, 'state' | 'decision'>) {
  return (
    <>
      <span class={`badge ${WORDS[state]}`}>{state}</span>
      {state === 'pending' && (
        <span class="muted small"> {decision === 'allow' ? 'works meanwhile' : 'blocked meanwhile'}</span>
      )}
    </>
  );
}

export function Verdict({
  state,
  approve,
  deny,
}: {
  state: Decided['state'];
  approve: () => Promise<void>;
  deny: () => void;
}) {
  return (
    <span class="verdict-acts">
      {state !== 'approved' && (
        <Gated
          resource="device"
          verb="update"
          class="small"
          onClick={() => void approve().catch((error: unknown) => toast(asProblem(error).message, 'bad'))}
        >
          Approve
        </Gated>
      )}
      {state !== 'denied' && (
        <Gated resource="device" verb="update" class="small" onClick={deny}>
          Deny
        </Gated>
      )}
    </span>
  );
}
