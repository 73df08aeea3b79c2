// A new administrator, or another role for one.
import { call } from '../../api/client.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { toast } from '../../parts/toast.tsx';
import type { AdminRow } from './admins.tsx';

const ROLES = [
  ['admin', 'admin: everything'],
  ['editor', 'editor: keys, teams, providers, models'],
  ['viewer', 'viewer: looks and changes nothing'],
  ['team-admin', 'team-admin: keys and users of its own teams'],
] as const;

export function AdminForm({
  before,
  close,
  done,
}: {
  before: AdminRow | null;
  close: () => void;
  done: () => void;
}) {
  const form = useForm({
    name: before?.name ?? '',
    role: before?.role ?? 'viewer',
    email: before?.email ?? '',
    teams: before?.teams?.join(', ') ?? '',
    password: '',
    blocked: before?.blocked === true,
  });
  const { values, set } = form;
  const run = async (): Promise<void> => {
    const teams = values.teams.split(/[\s,]+/).filter((one) => one !== '');
    const body = {
      name: values.name,
      role: values.role,
      ...(values.email === ''
        ? before?.email === undefined
          ? {}
          : { email: null }
        : { email: values.email }),
      ...(values.role === 'team-admin' ? { teams } : {}),
      ...(values.blocked ? { blocked: true } : before?.blocked === true ? { blocked: null } : {}),
    };
    const { body: made } =
      before === null
        ? await call<AdminRow>('POST', '/api/admins', { body })
        : await call<AdminRow>('PATCH', `/api/admins/${before.id}`, { body, ifMatch: `"${before.version}"` });
    if (values.password !== '')
      await call('PUT', `/api/admins/${made.id}/password`, { body: { password: values.password } });
    toast(before === null ? `${made.name} may sign in now.` : `${made.name} is changed.`);
    done();
  };
  return (
    <FormDialog
      title={before === null ? 'New administrator' : `Edit ${before.name}`}
      close={close}
      form={form}
      run={run}
      act={before === null ? 'Make it' : 'Save'}
    >
      <TextField label="Name" {...form.field('name')} required />
      <SelectField label="Role" {...form.field('role')} options={ROLES} />
      {values.role === 'team-admin' && (
        <TextField label="Teams" {...form.field('teams')} hint="Ids, with commas between." mono />
      )}
      <TextField label="Address" type="email" {...form.field('email')} />
      <TextField
        label={before === null ? 'Password' : 'New password'}
        type="password"
        autocomplete="new-password"
        {...form.field('password')}
        hint={before === null ? 'At least 12 characters.' : 'Empty: it stays as it is.'}
        required={before === null}
      />
      {before !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={values.blocked}
            onChange={({ currentTarget }) => set('blocked', currentTarget.checked)}
          />
          Blocked: may not sign in
        </label>
      )}
    </FormDialog>
  );
}
