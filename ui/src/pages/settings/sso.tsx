// The OpenID provider that administrators log in at: as the configuration has it, with what to register there.
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { Copy } from '../../parts/copy.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';

interface Oidc {
  readonly enabled: boolean;
  readonly issuer: string;
  readonly clientId: string;
  readonly callback: string;
  readonly confidential: boolean;
  readonly claims: { readonly roles: string };
  readonly grants: readonly { value: string; role: string; teams: readonly string[] }[];
  readonly defaultRole: string | null;
  readonly users: 'create' | 'known';
  readonly only: boolean;
}

export function Sso() {
  const { data, problem, again } = useLoad('oidc', (signal) => get<Oidc>('/api/oidc', signal));
  return (
    <section class="panel">
      <header>
        <h2>Single sign-on</h2>
      </header>
      {problem !== null && <ErrorNote problem={problem} again={again} />}
      {data === null && problem === null && <Shape lines={2} />}
      {data?.enabled === false && (
        <p class="pad muted">
          Off. <code>admin.oidc</code> of the configuration, or <code>HEADGATE_OIDC_ISSUER</code>,{' '}
          <code>…_CLIENT_ID</code>, <code>…_CLIENT_SECRET</code> and <code>…_URL</code>, let administrators
          sign in at an OpenID provider.
        </p>
      )}
      {data?.enabled === true && <Facts oidc={data} />}
    </section>
  );
}

function Facts({ oidc }: { oidc: Oidc }) {
  const others = oidc.defaultRole === null ? 'refused' : `${oidc.defaultRole}`;
  return (
    <div class="pad">
      <dl class="facts">
        <dt>provider</dt>
        <dd>{oidc.issuer}</dd>
        <dt>client</dt>
        <dd>
          {oidc.clientId}
          {oidc.confidential ? '' : ', public'}
        </dd>
        <dt>redirect address</dt>
        <dd>
          <code>{oidc.callback}</code> <Copy text={oidc.callback} />
        </dd>
        {oidc.grants.map(({ value, role, teams }) => (
          <>
            <dt>
              {oidc.claims.roles} <code>{value}</code>
            </dt>
            <dd>
              {role}
              {teams.length === 0 ? '' : ` of ${teams.join(', ')}`}
            </dd>
          </>
        ))}
        <dt>everybody else</dt>
        <dd>{oidc.grants.length === 0 && oidc.users === 'known' ? 'the role given here' : others}</dd>
        <dt>unknown people</dt>
        <dd>{oidc.users === 'create' ? 'become administrators with that role' : 'are refused'}</dd>
        <dt>passwords</dt>
        <dd>{oidc.only ? 'are refused' : 'work beside it'}</dd>
      </dl>
    </div>
  );
}
