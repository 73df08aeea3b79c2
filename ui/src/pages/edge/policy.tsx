// What holds for all machines, and the authority they trust where connections are opened.
import { useState } from 'preact/hooks';
import { call, get } from '../../api/client.ts';
import type { Authority, EdgePolicy } from '../../api/edge.ts';
import { useLoad } from '../../api/load.ts';
import { Code } from '../../parts/code.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { AreaField, SelectField, TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormView } from '../../parts/form-view.tsx';
import { Gated } from '../../parts/gated.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { toast } from '../../parts/toast.tsx';

export function Policy({ changed }: { changed: () => void }) {
  const { data, problem, again } = useLoad('edge-policy', (signal) =>
    get<EdgePolicy>('/api/edge/policy', signal),
  );
  if (problem !== null && data === null) return <ErrorNote problem={problem} again={again} />;
  if (data === null) return <Shape lines={6} />;
  return (
    <div class="grid2">
      <section class="panel">
        <header>
          <h2>What holds</h2>
        </header>
        <PolicyForm
          key={data.version ?? 0}
          before={data}
          done={() => {
            again();
            changed();
          }}
        />
      </section>
      <Trust />
    </div>
  );
}

const CHOICES = [
  ['allow', 'may until somebody denies'],
  ['block', 'may not until somebody approves'],
] as const;

function PolicyForm({ before, done }: { before: EdgePolicy; done: () => void }) {
  const form = useForm({
    pendingDevices: before.pendingDevices as string,
    pendingApps: before.pendingApps as string,
    pendingServers: before.pendingServers as string,
    refreshSeconds: String(before.refreshSeconds),
    fallback: before.fallback,
    intercept: JSON.stringify(before.intercept, null, 2),
  });
  const { values } = form;
  const run = async (): Promise<void> => {
    await call('PUT', '/api/edge/policy', {
      body: {
        ...values,
        refreshSeconds: Number(values.refreshSeconds),
        intercept: JSON.parse(values.intercept) as unknown, // the API says what is wrong with it
      },
      ifMatch: `"${before.version ?? 0}"`,
    });
    toast('The policy is set: machines hear of it when they ask next.');
    done();
  };
  return (
    <FormView form={form} run={run} act="Save" inline class="pad">
      <SelectField label="New devices" {...form.field('pendingDevices')} options={CHOICES} />
      <SelectField label="New apps" {...form.field('pendingApps')} options={CHOICES} />
      <SelectField label="New MCP servers" {...form.field('pendingServers')} options={CHOICES} />
      <TextField
        label="Machines ask every, seconds"
        type="number"
        {...form.field('refreshSeconds')}
        hint="So long it takes until a decision holds everywhere."
      />
      <label class="check">
        <input
          type="checkbox"
          checked={values.fallback}
          onChange={({ currentTarget }) => form.set('fallback', currentTarget.checked)}
        />
        Machines may answer by themselves while this gateway is away
      </label>
      <AreaField
        label="Connections that are opened"
        {...form.field('intercept')}
        rows={6}
        mono
        hint="JSON: `enabled`, and `hosts` of vendors. It needs the authority beside."
      />
    </FormView>
  );
}

function Trust() {
  const { data, problem, again } = useLoad('edge-authority', (signal) =>
    get<Authority>('/api/edge/authority', signal),
  );
  const [removing, remove] = useState(false);
  const none = problem?.code === 'no_authority';
  const make = async (): Promise<void> => {
    await call('POST', '/api/edge/authority', { body: {} });
    again();
  };
  return (
    <section class="panel">
      <header>
        <h2>Authority</h2>
        {none && (
          <Gated
            resource="config"
            verb="update"
            onClick={() => void make().catch((error: unknown) => toast(String(error), 'bad'))}
          >
            Make one
          </Gated>
        )}
        {data !== null && !none && (
          <Gated resource="config" verb="update" class="small" onClick={() => remove(true)}>
            Remove
          </Gated>
        )}
      </header>
      {problem !== null && !none && <ErrorNote problem={problem} again={again} />}
      {data === null && problem === null && <Shape lines={3} />}
      {none && (
        <p class="pad muted">
          There is none. It is needed only where an edge opens connections of tools that cannot be told of
          another address; its key never leaves this gateway.
        </p>
      )}
      {data !== null && !none && (
        <div class="pad stack">
          <dl class="facts">
            <dt>Name</dt>
            <dd>{data.name}</dd>
            <dt>Holds until</dt>
            <dd>
              <Time at={data.notAfter} />
            </dd>
            <dt>SHA-256</dt>
            <dd class="mono small">{data.fingerprint}</dd>
          </dl>
          <Code snippets={[{ language: 'headgate-edge.pem', text: data.certificate }]} />
        </div>
      )}
      {removing && (
        <Confirm
          title="Remove the authority"
          words="No machine gets another certificate; those that were given hold for a day. Another authority has to be trusted anew on every machine."
          act="Remove it"
          danger
          name={data?.name ?? ''}
          close={() => remove(false)}
          run={async () => {
            await call('DELETE', '/api/edge/authority');
            again();
          }}
        />
      )}
    </section>
  );
}
