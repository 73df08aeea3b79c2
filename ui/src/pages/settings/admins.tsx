// Who may administer this gateway, and what.
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Gated } from '../../parts/gated.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { AdminForm } from './admin-form.tsx';
import './settings.css';

export interface AdminRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly email?: string;
  readonly teams?: readonly string[];
  readonly blocked?: boolean;
  readonly twoFactor?: boolean;
  readonly version: number;
  readonly createdAt: string;
}

export function Admins({ me }: { me: string }) {
  const list = usePages<AdminRow>('/api/admins', {});
  const [editing, edit] = useState<AdminRow | 'new' | null>(null);
  const [removing, remove] = useState<AdminRow | null>(null);
  const [resetting, reset] = useState<AdminRow | null>(null);
  return (
    <section class="panel">
      <header>
        <h2>Administrators</h2>
        <Gated resource="administrator" verb="create" onClick={() => edit('new')}>
          New administrator
        </Gated>
      </header>
      {list.problem !== null && <ErrorNote problem={list.problem} again={list.again} />}
      {list.items === null && list.problem === null && <Shape lines={2} />}
      {list.items !== null && (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th>Name</th>
                <th>Role</th>
                <th>Address</th>
                <th>Made</th>
                <th>
                  <span class="hidden-text">Acts</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.items.map((admin) => (
                <tr key={admin.id}>
                  <td>
                    <span class="clip">
                      {admin.name}
                      {admin.id === me && <span class="muted"> (you)</span>}
                      {admin.blocked === true && <span class="badge bad">blocked</span>}
                      {admin.twoFactor === true && <span class="badge">two factors</span>}
                    </span>
                  </td>
                  <td>{admin.role}</td>
                  <td>
                    <span class="clip">{admin.email ?? '–'}</span>
                  </td>
                  <td>
                    <Time at={admin.createdAt} />
                  </td>
                  <td>
                    <div class="acts">
                      <Gated resource="administrator" verb="update" class="small" onClick={() => edit(admin)}>
                        Edit
                      </Gated>
                      {admin.twoFactor === true && admin.id !== me && (
                        <Gated
                          resource="administrator"
                          verb="update"
                          class="small"
                          onClick={() => reset(admin)}
                        >
                          Reset factor
                        </Gated>
                      )}
                      <Gated
                        resource="administrator"
                        verb="delete"
                        class="small"
                        reason={admin.id === me ? 'Nobody removes themselves.' : ''}
                        onClick={() => remove(admin)}
                      >
                        Remove
                      </Gated>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {editing !== null && (
        <AdminForm
          before={editing === 'new' ? null : editing}
          close={() => edit(null)}
          done={() => {
            edit(null);
            list.again();
          }}
        />
      )}
      {resetting !== null && (
        <Confirm
          title={`Take the second factor of ${resetting.name} away`}
          words="For who lost their app: from now on their password alone signs them in, until they set up another."
          act="Take it away"
          danger
          close={() => reset(null)}
          run={async () => {
            await call('DELETE', `/api/admins/${resetting.id}/totp`);
            list.again();
          }}
        />
      )}
      {removing !== null && (
        <Confirm
          title={`Remove ${removing.name}`}
          words="Their sessions and tokens end at once."
          act="Remove"
          name={removing.name}
          danger
          close={() => remove(null)}
          run={async () => {
            await call('DELETE', `/api/admins/${removing.id}`);
            list.again();
          }}
        />
      )}
    </section>
  );
}
