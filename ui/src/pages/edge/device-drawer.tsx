// One machine, and all that was found on it.
import { get } from '../../api/client.ts';
import type { Device, Find } from '../../api/edge.ts';
import { useLoad } from '../../api/load.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { StateBadge } from './verdict.tsx';

export function DeviceDrawer({ id, close }: { id: string; close: () => void }) {
  const url = `/api/edge/devices/${encodeURIComponent(id)}`;
  const { data, problem, again } = useLoad(url, (signal) =>
    get<Device & { readonly found: readonly Find[] }>(url, signal),
  );
  return (
    <Dialog title={data?.name ?? 'Device'} close={close} drawer>
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      {data === null && problem === null && <Shape lines={6} />}
      {data !== null && (
        <div class="stack">
          <dl class="facts">
            <dt>State</dt>
            <dd>
              <StateBadge state={data.state} decision={data.decision} />
            </dd>
            <dt>Whose</dt>
            <dd>{data.person || '–'}</dd>
            <dt>System</dt>
            <dd class="mono">{data.platform || '–'}</dd>
            <dt>Edge</dt>
            <dd class="mono">{data.version || '–'}</dd>
            <dt>Asked last</dt>
            <dd>{data.seenAt === null ? 'never' : <Time at={data.seenAt} />}</dd>
            <dt>Enrolled</dt>
            <dd>
              <Time at={data.createdAt} />
            </dd>
            <dt>Calls with</dt>
            <dd>
              {data.key === undefined ? (
                '–'
              ) : (
                <Link to={placeOf('/keys', { open: `key:${data.key}` })}>its own key</Link>
              )}
            </dd>
          </dl>
          <h3>On it</h3>
          {data.found.length === 0 && <p class="muted">It has not said what is on it yet.</p>}
          {data.found.length > 0 && (
            <div class="table-wrap">
              <table>
                <thead>
                  <tr>
                    <th>What</th>
                    <th>Kind</th>
                    <th>Version</th>
                    <th>State</th>
                  </tr>
                </thead>
                <tbody>
                  {data.found.map((find) => (
                    <tr key={find.item}>
                      <td>
                        <span class="clip">{find.names.join(', ') || find.target}</span>
                        <div class="muted small mono clip">{find.sources.join(', ')}</div>
                      </td>
                      <td>{find.type === 'server' ? 'MCP server' : 'app'}</td>
                      <td class="mono">{find.version || '–'}</td>
                      <td>{find.state ?? '–'}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </div>
      )}
    </Dialog>
  );
}
