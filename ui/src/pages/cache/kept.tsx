// What the workers keep now, and an end to some of it: by what is said of an answer, its key, its tag, whose it is or its model.
import { useState } from 'preact/hooks';
import { call, get, urlOf } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { bytes, whole } from '../../format/number.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { TextField } from '../../parts/field.tsx';
import { Gated } from '../../parts/gated.tsx';
import { Shape } from '../../parts/shape.tsx';
import { toast } from '../../parts/toast.tsx';

interface Kept {
  readonly entries: number;
  readonly bytes: number;
}

const PARTS = [
  { part: 'model', label: 'Model', hint: 'An alias, or provider/model' },
  { part: 'tenant', label: 'Tenant', hint: 'Id of a team, user, customer, …' },
  { part: 'key', label: 'Key', hint: 'Its id' },
  { part: 'tag', label: 'Tag', hint: 'Of the key' },
  { part: 'id', label: 'Answer', hint: 'The id in its x-headgate-cache' },
] as const;
type Wanted = Readonly<Record<(typeof PARTS)[number]['part'], string>>;
const NOTHING: Wanted = { model: '', tenant: '', key: '', tag: '', id: '' };

export function KeptAnswers() {
  const kept = useLoad('/api/cache', (signal) => get<Kept>('/api/cache', signal), { everyMs: 10_000 });
  const [wanted, want] = useState(NOTHING);
  const [asking, ask] = useState(false);
  const named = PARTS.filter(({ part }) => wanted[part].trim() !== '');
  const words = named.map(({ part, label }) => `${label.toLowerCase()} ${wanted[part].trim()}`).join(', ');
  const purge = async (): Promise<void> => {
    const query = Object.fromEntries(named.map(({ part }) => [part, wanted[part].trim()]));
    const { body } = await call<{ purged: number }>(
      'DELETE',
      urlOf('/api/cache', named.length === 0 ? { all: 'true' } : query),
    );
    toast(`${whole(body.purged)} forgotten`);
    want(NOTHING);
    kept.again();
  };
  return (
    <section class="panel">
      <header>
        <h2>Kept answers</h2>
        {kept.data !== null && (
          <span class="muted">
            {whole(kept.data.entries)} in the memory of the workers, {bytes(kept.data.bytes)}
          </span>
        )}
      </header>
      {kept.problem !== null && <ErrorNote problem={kept.problem} again={kept.again} />}
      {kept.data === null && kept.problem === null && <Shape lines={1} />}
      <div class="pad stack">
        <div class="fields two">
          {PARTS.map(({ part, label, hint }) => (
            <TextField
              key={part}
              label={label}
              hint={hint}
              value={wanted[part]}
              onValue={(value) => want((before) => ({ ...before, [part]: value }))}
            />
          ))}
        </div>
        <div class="row">
          <Gated resource="cache" verb="delete" class="danger" onClick={() => ask(true)}>
            {named.length === 0 ? 'Forget all' : 'Forget those that fit'}
          </Gated>
          <span class="muted small">Here, in Redis, and at every node that shares it.</span>
        </div>
      </div>
      {asking && (
        <Confirm
          title={named.length === 0 ? 'Forget every kept answer' : 'Forget kept answers'}
          words={
            named.length === 0
              ? 'Whatever is asked next is asked of a provider again.'
              : `Those of ${words}. Whoever asks for one next has it asked of a provider again.`
          }
          act="Forget"
          danger
          close={() => ask(false)}
          run={purge}
        />
      )}
    </section>
  );
}
