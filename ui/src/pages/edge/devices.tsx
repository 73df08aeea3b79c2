// Machines: whose they are, when they asked last, and whether they may call.
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Device, EdgeState } from '../../api/edge.ts';
import { usePages } from '../../api/pages.ts';
import { Link } from '../../app/link.tsx';
import { placeOf, query } from '../../app/router.ts';
import { Code } from '../../parts/code.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { More } from '../../parts/more.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { toast } from '../../parts/toast.tsx';
import { StateBadge, Verdict } from './verdict.tsx';

interface DevicesProps {
  state: string;
  /** Something was decided. */
  changed: () => void;
}

export function Devices({ state, changed }: DevicesProps) {
  const list = usePages<Device>('/api/edge/devices', { state });
  const [denying, deny] = useState<Device | null>(null);
  const decide = async (device: Device, next: EdgeState): Promise<void> => {
    await call('PATCH', `/api/edge/devices/${device.id}`, {
      body: { state: next },
      ifMatch: `"${device.revision}"`,
    });
    toast(`${device.name} is ${next}.`);
    list.again();
    changed();
  };
  if (list.problem !== null) return <ErrorNote problem={list.problem} again={list.again} />;
  if (list.items === null) return <Shape lines={5} />;
  if (list.items.length === 0)
    return state === '' ? <NoDevices /> : <Empty title={`No device is ${state}`} />;
  return (
    <section class="panel">
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Device</th>
              <th>State</th>
              <th>Whose</th>
              <th>System</th>
              <th>Edge</th>
              <th>Asked last</th>
              <th>
                <span class="hidden-text">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((device) => (
              <tr key={device.id}>
                <td>
                  <Link
                    to={placeOf('/edge', { ...Object.fromEntries(query.value), open: device.id })}
                    class="clip"
                  >
                    {device.name}
                  </Link>
                </td>
                <td>
                  <StateBadge state={device.state} decision={device.decision} />
                </td>
                <td>
                  <span class="clip">{device.person || device.user || device.team || '–'}</span>
                </td>
                <td class="mono">{device.platform || '–'}</td>
                <td class="mono">{device.version || '–'}</td>
                <td>
                  {device.seenAt === null ? (
                    <span class="muted">never</span>
                  ) : (
                    <Time at={device.seenAt} relative />
                  )}
                </td>
                <td class="num">
                  <Verdict
                    state={device.state}
                    approve={() => decide(device, 'approved')}
                    deny={() => deny(device)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More list={list} />
      {denying !== null && (
        <Confirm
          title={`Deny ${denying.name}`}
          words={`Its key is blocked at once: calls from ${denying.name} are refused from now on.`}
          act="Deny it"
          danger
          close={() => deny(null)}
          run={() => decide(denying, 'denied')}
        />
      )}
    </section>
  );
}

function NoDevices() {
  return (
    <Empty title="No machine has an edge yet">
      <p>
        An edge on somebody’s machine sends what their tools ask of models through this gateway, and says
        which tools and MCP servers are there. Set one up on the machine, and it appears here to be approved.
      </p>
      <Code
        snippets={[
          {
            language: 'shell',
            text: `headgate edge enrol --gate ${location.origin}\nheadgate edge start`,
          },
        ]}
      />
    </Empty>
  );
}
