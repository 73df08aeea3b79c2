// Administrators, one's own password and tokens.
import { may, session } from '../../api/session.ts';
import { Admins } from './admins.tsx';
import { OwnPassword } from './own-password.tsx';
import { Sso } from './sso.tsx';
import { TwoFactor } from './two-factor.tsx';
import { Tokens } from './tokens.tsx';

export default function Settings() {
  const now = session.value;
  if (now.kind !== 'in') return null;
  return (
    <div class="stack">
      {may('administrator', 'read') && <Admins me={now.admin.id} />}
      {may('administrator', 'read') && <Sso />}
      <Tokens />
      <TwoFactor />
      <OwnPassword me={now.admin.id} />
    </div>
  );
}
