// Versions that can be gone back to.
import { useState } from 'preact/hooks';
import { call, get } from '../../api/client.ts';
import type { ConfigChange } from '../../api/config.ts';
import { useLoad } from '../../api/load.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { toast } from '../../parts/toast.tsx';

interface Entry {
  readonly version: number;
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly target: string;
}

export function History({ version, again }: { version: number; again: () => void }) {
  const list = useLoad(`history ${version}`, (signal) =>
    get<{ items: readonly Entry[] }>('/api/config/history', signal),
  );
  const [open, show] = useState<number | null>(null);
  const [back, setBack] = useState<number | null>(null);
  if (list.data === null)
    return list.problem === null ? (
      <Shape lines={4} />
    ) : (
      <ErrorNote problem={list.problem} again={list.again} />
    );
  const { items } = list.data;
  if (items.length === 0)
    return (
      <p class="muted">
        Nothing was changed here yet. Each change becomes a version that can be gone back to.
      </p>
    );
  return (
    <section class="panel">
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th class="num">Version</th>
              <th>When</th>
              <th>Who</th>
              <th>What</th>
              <th>
                <span class="hidden-text">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.version}>
                <td class="num">{one.version}</td>
                <td>
                  <Time at={one.at} />
                </td>
                <td>{one.by}</td>
                <td>
                  <span class="clip">
                    {one.action} {one.target}
                  </span>
                </td>
                <td>
                  <div class="acts">
                    <button type="button" class="small" onClick={() => show(one.version)}>
                      Look
                    </button>
                    <Gated
                      resource="config"
                      verb="update"
                      class="small"
                      reason={one.version === version ? 'It is in force.' : ''}
                      onClick={() => setBack(one.version)}
                    >
                      Go back to it
                    </Gated>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {open !== null && <Version version={open} close={() => show(null)} />}
      {back !== null && (
        <Confirm
          title={`Go back to version ${back}`}
          words="What is managed here becomes what it was then, secrets included. It is a new version, so that you can come back."
          act="Go back"
          close={() => setBack(null)}
          run={async () => {
            const { body } = await call<{ version: number }>('POST', '/api/config/rollback', {
              body: { version: back },
              ifMatch: `"${version}"`,
            });
            toast(`Version ${body.version} is in force: it is what ${back} was.`);
            again();
          }}
        />
      )}
    </section>
  );
}

function Version({ version, close }: { version: number; close: () => void }) {
  const { data, problem } = useLoad(`version ${version}`, (signal) =>
    get<{ managed: unknown; changes: readonly ConfigChange[] | null }>(
      `/api/config/history/${version}`,
      signal,
    ),
  );
  return (
    <Dialog title={`Version ${version}`} close={close} class="wide">
      {problem !== null && <ErrorNote problem={problem} />}
      {data === null && problem === null && <Shape lines={4} />}
      {data !== null && (
        <>
          {data.changes !== null && (
            <p class="break">
              {data.changes.length === 0
                ? 'It changed nothing.'
                : data.changes.map(({ op, path }) => `${op} ${path}`).join(', ')}
            </p>
          )}
          <JsonView value={data.managed} />
        </>
      )}
    </Dialog>
  );
}
