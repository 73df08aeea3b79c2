// One provider: its lane, its keys, what it did in the range that is looked at, a live test, and what can be done with it.
import { useState } from 'preact/hooks';
import type { LaneView } from '../../api/cluster.ts';
import { changeConfig, type ConfigState, withEntry, withKey, withoutKey } from '../../api/config.ts';
import { errorShare } from '../../api/stats.ts';
import { useStats } from '../../api/use-stats.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { money } from '../../format/money.ts';
import { percent, rate, short } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Gated } from '../../parts/gated.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { toast } from '../../parts/toast.tsx';
import { KeyForm } from './key-form.tsx';
import { LaneBar, LaneWord } from './lane-row.tsx';
import { marksOf } from './lanes.ts';
import { LiveTest } from './live-test.tsx';

interface ProviderDrawerProps {
  lane: LaneView;
  config: ConfigState | null;
  /** Why nothing can be changed; '' = it can. */
  reason: string;
  again: () => void;
  close: () => void;
}

export function ProviderDrawer({ lane, config, reason, again, close }: ProviderDrawerProps) {
  const name = lane.provider;
  const [doing, act] = useState<'pause' | 'key' | 'remove' | string | null>(null);
  const entry = config?.managed.providers?.[name];
  const managedKeys = (Array.isArray(entry?.['keys']) ? entry['keys'] : []) as readonly { alias: string }[]; // as its schema has them
  const inFile = config?.file.providers.includes(name) === true;
  const stop = (): void => act(null);
  const edit =
    (how: (now: NonNullable<typeof entry>) => NonNullable<typeof entry> | null) =>
    async (): Promise<void> => {
      await changeConfig((managed) => {
        const next = how(managed.providers?.[name] ?? {});
        return withEntry(
          managed,
          'providers',
          name,
          next !== null && Object.keys(next).length === 0 && inFile ? null : next,
        );
      });
      again();
    };
  const marks = marksOf(lane);
  return (
    <Dialog title={name} close={close} drawer>
      <div class="row">
        <Gated resource="config" verb="update" reason={reason} onClick={() => act('pause')}>
          {lane.paused ? 'Let calls in again' : 'Pause'}
        </Gated>
        <Gated resource="config" verb="update" reason={reason} onClick={() => act('key')}>
          Add a key
        </Gated>
        <Gated
          resource="config"
          verb="update"
          class="danger"
          reason={reason || (inFile ? 'It stands in the configuration file: take it away there.' : '')}
          onClick={() => act('remove')}
        >
          Remove
        </Gated>
        <span class="fill" />
        <Link to={placeOf('/logs', { provider: name })}>Its calls</Link>
      </div>
      <LaneBar lane={lane} />
      <p>
        <LaneWord lane={lane} /> <span class="muted">{marks.join(', ')}</span>
      </p>
      <dl class="facts">
        <dt>in flight</dt>
        <dd>
          {short(lane.inFlight)} of {short(lane.slots)} slots, {short(lane.streams)} streams
        </dd>
        <dt>waiting</dt>
        <dd>
          {short(lane.queued)} of {short(lane.queueSlots)}
        </dd>
        <dt>attempts</dt>
        <dd>
          {rate(lane.ratePerSecond)}, {percent(lane.errorRate)} failed, p50 {span(lane.p50Ms)}, p95{' '}
          {span(lane.p95Ms)}, in the last {span(lane.windowMs)}
        </dd>
        <dt>from</dt>
        <dd>
          {inFile
            ? 'the configuration file'
            : entry === undefined
              ? 'the environment or the file'
              : 'this administration'}
        </dd>
      </dl>
      <Used provider={name} />
      <section>
        <h3>Keys</h3>
        <table>
          <thead>
            <tr>
              <th>Alias</th>
              <th>State</th>
              <th>
                <span class="hidden-text">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {lane.keys.map(({ alias, up, resting }) => (
              <tr key={alias}>
                <td class="mono">{alias}</td>
                <td>
                  <span class={`dot ${up === 1 ? 'ok' : up === 0 ? 'bad' : 'warn'}`}>
                    {up === 1 ? 'usable' : up === 0 ? 'rests' : 'rests on some workers'}
                  </span>{' '}
                  <span class="muted small">
                    {resting
                      .map(
                        ({ model, forMs, limited }) =>
                          `${model}: ${span(forMs)}, ${limited ? 'limited' : 'refused'}`,
                      )
                      .join('; ')}
                  </span>
                </td>
                <td class="num">
                  {managedKeys.some((key) => key.alias === alias) && (
                    <Gated
                      resource="config"
                      verb="update"
                      class="small"
                      reason={reason}
                      onClick={() => act(`drop ${alias}`)}
                    >
                      Remove
                    </Gated>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <LiveTest provider={name} />
      {entry !== undefined && (
        <details>
          <summary>As it is managed here</summary>
          <JsonView value={entry} />
        </details>
      )}
      {doing === 'pause' && (
        <Confirm
          title={lane.paused ? `Let calls to ${name} again` : `Pause ${name}`}
          words={
            lane.paused
              ? 'It is asked again from now on.'
              : 'Nobody is sent there from now on; calls under way end as they would. Models with other targets go there.'
          }
          act={lane.paused ? 'Let them in' : 'Pause'}
          close={stop}
          run={async () => {
            await edit((now) => {
              const { paused: _paused, ...rest } = now;
              return lane.paused ? rest : { ...rest, paused: true };
            })();
            toast(lane.paused ? `${name} takes calls again.` : `${name} is paused.`);
          }}
        />
      )}
      {doing === 'key' && (
        <KeyForm
          provider={name}
          close={stop}
          run={async (key) => {
            await edit((now) => withKey(now, key))();
            stop();
            toast(`Key ${key.alias} is in use.`);
          }}
        />
      )}
      {doing?.startsWith('drop ') === true && (
        <Confirm
          title={`Remove key ${doing.slice(5)}`}
          words="It is used no more from now on."
          act="Remove"
          danger
          close={stop}
          run={edit((now) => withoutKey(now, doing.slice(5)))}
        />
      )}
      {doing === 'remove' && (
        <Confirm
          title={`Remove ${name}`}
          words="Its keys go with it. Refused while a model needs it."
          act="Remove"
          name={name}
          danger
          close={stop}
          run={async () => {
            await edit(() => null)();
            close();
          }}
        />
      )}
    </Dialog>
  );
}

function Used({ provider }: { provider: string }) {
  const { data } = useStats({ provider, metrics: 'requests' });
  if (data === null || data.total.requests === 0) return null;
  const { total } = data;
  return (
    <div class="figures">
      {[
        ['Calls', short(total.requests)],
        ['Failed', percent(errorShare(total))],
        ['Cost', total.costNano === 0 && total.unpriced > 0 ? 'no price' : money(total.costNano)],
        ['TTFT p95', span(total.ttftMs.p95)],
      ].map(([name, value]) => (
        <div key={name} class="figure">
          <span class="muted small">{name}</span>
          <b>{value}</b>
        </div>
      ))}
    </div>
  );
}
