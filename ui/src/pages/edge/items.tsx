// Apps or MCP servers that were found on machines: each is one thing on all of them, and decided once.
import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { EdgeItem } from '../../api/edge.ts';
import { usePages } from '../../api/pages.ts';
import { whole } from '../../format/number.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { More } from '../../parts/more.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { toast } from '../../parts/toast.tsx';
import { StateBadge, Verdict } from './verdict.tsx';

interface ItemsProps {
  type: 'app' | 'server';
  state: string;
  changed: () => void;
}

const MANY = { app: 'apps', server: 'MCP servers' } as const;

export function Items({ type, state, changed }: ItemsProps) {
  const list = usePages<EdgeItem>('/api/edge/catalog', { type, state });
  const [denying, deny] = useState<EdgeItem | null>(null);
  const decide = async (item: EdgeItem, body: object): Promise<void> => {
    await call('PATCH', `/api/edge/catalog/${item.id}`, { body, ifMatch: `"${item.version}"` });
    toast(`${nameOf(item)}: machines hear of it when they ask next.`);
    list.again();
    changed();
  };
  if (list.problem !== null) return <ErrorNote problem={list.problem} again={list.again} />;
  if (list.items === null) return <Shape lines={5} />;
  if (list.items.length === 0)
    return (
      <Empty title={state === '' ? `No ${MANY[type]} were found` : `No ${MANY[type]} are ${state}`}>
        <p>Each machine with an edge says what is on it; what is new stands here until somebody decides.</p>
      </Empty>
    );
  return (
    <section class="panel">
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th>{type === 'app' ? 'App' : 'Server'}</th>
              <th>State</th>
              <th class="num">Devices</th>
              <th>Found first</th>
              <th>Decided by</th>
              <th>
                <span class="hidden-text">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((item) => (
              <tr key={item.id}>
                <td>
                  <span class="clip">{nameOf(item)}</span>
                  {item.target !== nameOf(item) && <div class="muted small mono clip">{item.target}</div>}
                </td>
                <td>
                  <StateBadge state={item.state} decision={item.decision} />
                  {(item.note ?? '') !== '' && <div class="muted small clip">“{item.note}”</div>}
                </td>
                <td class="num">{whole(item.devices)}</td>
                <td>
                  <Time at={item.createdAt} />
                </td>
                <td>
                  <span class="clip">{item.decidedBy || '–'}</span>
                </td>
                <td class="num">
                  <Verdict
                    state={item.state}
                    approve={() => decide(item, { state: 'approved', note: null })}
                    deny={() => deny(item)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More list={list} />
      {denying !== null && <Deny item={denying} close={() => deny(null)} decide={decide} />}
    </section>
  );
}

function Deny({
  item,
  close,
  decide,
}: {
  item: EdgeItem;
  close: () => void;
  decide: (item: EdgeItem, body: object) => Promise<void>;
}) {
  const form = useForm({ note: item.note ?? '' });
  const note = form.values.note.trim();
  const run = (): Promise<void> =>
    decide(item, { state: 'denied', note: note === '' ? null : note }).then(close);
  return (
    <FormDialog title={`Deny ${nameOf(item)}`} close={close} form={form} run={run} act="Deny it" danger>
      <p>
        It is refused on {item.devices === 1 ? 'the one machine' : `all ${whole(item.devices)} machines`} it
        is on, and on every other.
      </p>
      <TextField label="Why" {...form.field('note')} hint="Shown to who is refused." />
    </FormDialog>
  );
}

/** What it is called where it is found, else what it is. */
const nameOf = ({ names, target }: EdgeItem): string => (names ?? []).join(', ') || target;
