// Login at an OpenID provider: there, back, and who it is then. Whatever goes wrong ends on the sign-in page with a word of why;
// the reason stands in the audit log. Nothing here takes an address to go to that is not a path of our own page.
import { randomBytes } from 'node:crypto';
import type { OidcConfig } from '../../src/contracts/admin.ts';
import { type BegunLogin, createLoginStates, LOGIN_COOKIE, LOGIN_MS } from '../who/login-state.ts';
import { CALLBACK, type Claims, createOidcClient, OidcFault } from '../who/oidc-client.ts';
import { type Person, personOf } from '../who/oidc-person.ts';
import type { Sessions } from '../who/sessions.ts';
import { FREE_OF_ADDRESS, type Throttle } from '../who/throttle.ts';
import { type ApiContext, eventOf } from './context.ts';
import { choice, flag, list, object, text } from './fields.ts';
import { createOidcAdmins, NotLetIn } from './oidc-admins.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';
import { sessionCookie } from './session-cookie.ts';

const PAGE = '/ui/';
const START = '/api/login/oidc';

/** Why somebody is back at the sign-in page: a parameter of its address. */
const WHY = 'login';

export interface OidcDeps {
  readonly sessions: Sessions;
  readonly throttle: Throttle;
}

const settings = object(
  {
    enabled: flag('There is one.'),
    issuer: text('The provider.'),
    clientId: text('As the provider knows this gateway.'),
    callback: text('To be registered there as the redirect address.'),
    confidential: flag('The gateway has a secret there.'),
    label: text('Of the button.'),
    scopes: list(text(''), 'Asked for.'),
    claims: object({}, [], 'Paths of claims.'),
    grants: list(object({}), 'Role by value of the claim `roles`.'),
    defaultRole: text('Of who has no grant; null = they are refused.'),
    users: choice(['create', 'known'], 'Whether unknown people become administrators.'),
    only: flag('Passwords are refused.'),
  },
  ['enabled'],
);

/** How people may log in here, and the way by a provider where there is one. */
export function oidcRoutes(context: ApiContext, { sessions, throttle }: OidcDeps): ApiRoute[] {
  const { oidc } = context;
  return [
    {
      method: 'GET',
      path: '/api/login/methods',
      access: 'open',
      operation: 'get-login-methods',
      summary: 'How administrators log in here.',
      answer: {
        status: 200,
        schema: object(
          {
            password: flag('By `POST /api/login`.'),
            oidc: object(
              { label: text('For the button.'), url: text('Where the browser goes.') },
              ['label', 'url'],
              'At an OpenID provider; absent = there is none.',
            ),
          },
          ['password'],
        ),
      },
      async handle() {
        return {
          status: 200,
          body: {
            password: oidc?.only !== true,
            ...(oidc === null ? {} : { oidc: { label: oidc.label, url: START } }),
          },
        };
      },
    },
    {
      method: 'GET',
      path: '/api/oidc',
      access: { resource: 'administrator', verb: 'read' },
      operation: 'get-oidc',
      summary: 'The OpenID provider that administrators log in at, as the configuration has it.',
      answer: { status: 200, schema: settings },
      async handle() {
        if (oidc === null) return { status: 200, body: { enabled: false } };
        const { clientSecret, url, ...rest } = oidc;
        const callback = `${url}${CALLBACK}`;
        return {
          status: 200,
          body: { enabled: true, ...rest, callback, confidential: clientSecret !== null },
        };
      },
    },
    ...(oidc === null ? [] : providerRoutes(context, oidc, { sessions, throttle })),
  ];
}

/** What the provider says, or what its silence is answered with. */
type Heard =
  | { readonly claims: Claims; readonly instead: null }
  | { readonly claims: null; readonly instead: ApiAnswer };

function providerRoutes(context: ApiContext, oidc: OidcConfig, { sessions, throttle }: OidcDeps): ApiRoute[] {
  const { store, log, now } = context;
  const client = createOidcClient(oidc, () => performance.now());
  const states = createLoginStates({ key: context.keys.login, randomBytes, now });
  const admins = createOidcAdmins(context, oidc);
  const secure = oidc.url.startsWith('https:');

  function back(request: ApiRequest, why: string): ApiAnswer {
    const gone = stateCookie('', 0, secure || request.secure);
    return { status: 303, headers: { location: `${PAGE}?${WHY}=${why}`, 'set-cookie': gone } };
  }

  async function denied(request: ApiRequest, why: string, reason: string, target = ''): Promise<ApiAnswer> {
    throttle.failed(subjectOf(request), FREE_OF_ADDRESS);
    await store.commit(
      [],
      eventOf(context, request, { action: 'login', target }, 'denied', `oidc: ${reason}`),
    );
    return back(request, why);
  }

  async function letIn(request: ApiRequest, person: Person, goTo: string): Promise<ApiAnswer> {
    const found = await admins.admit(request, person);
    const { cookie } = await sessions.begin(found.id);
    const safe = secure || request.secure;
    return {
      status: 303,
      headers: {
        location: goTo,
        'set-cookie': [sessionCookie(cookie, safe), stateCookie('', 0, safe)],
      },
    };
  }

  async function heard(request: ApiRequest, login: BegunLogin): Promise<Heard> {
    try {
      const claims = await client.exchange(new URLSearchParams(request.query), login);
      return { claims, instead: null };
    } catch (error) {
      if (!(error instanceof OidcFault)) throw error;
      if (error.kind !== 'unavailable')
        return { claims: null, instead: await denied(request, `sso_${error.kind}`, error.message) };
      log.warn({ err: error }, 'the OpenID provider does not answer');
      return { claims: null, instead: back(request, 'sso_unavailable') };
    }
  }

  return [
    {
      method: 'GET',
      path: START,
      access: 'open',
      operation: 'begin-oidc-login',
      summary: 'Sends the browser to the OpenID provider.',
      query: {
        return: {
          type: 'string',
          // Ours, below the page: no host, no step up, nothing that a browser would read as either.
          pattern: '^/ui(/[A-Za-z0-9_~-][A-Za-z0-9._~@:-]*)*/?(\\?[A-Za-z0-9._~=&%+:,@*-]*)?$',
          maxLength: 1_024,
          'x-expected': 'a path of the page, such as `/ui/keys`',
          description: 'Where to go afterwards.',
        },
      },
      answer: { status: 302, schema: null },
      async handle(request) {
        const { login, cookie } = states.begin(request.query['return'] ?? PAGE);
        try {
          const location = await client.authorizeUrl(login);
          const set = stateCookie(cookie, LOGIN_MS / 1_000, secure || request.secure);
          return { status: 302, headers: { location, 'set-cookie': set } };
        } catch (error) {
          if (!(error instanceof OidcFault)) throw error;
          log.warn({ err: error }, 'the OpenID provider cannot be used');
          return back(request, 'sso_unavailable');
        }
      },
    },
    {
      method: 'GET',
      path: CALLBACK,
      access: 'open',
      operation: 'end-oidc-login',
      summary: 'Where the provider sends the browser back to: begins a session.',
      foreignQuery: true,
      query: {
        code: text('Of the provider.', 8_192),
        state: text('As it was sent.', 512),
        iss: text('The provider (RFC 9207).', 2_048),
        error: text('What the provider refused.', 256),
      },
      answer: { status: 303, schema: null },
      async handle(request) {
        if (throttle.waitMs(subjectOf(request)) > 0) return back(request, 'too_many_attempts');
        const login = states.read(request.cookie(LOGIN_COOKIE));
        if (login === null || login.state !== request.query['state'])
          return denied(request, 'sso_expired', 'a login that did not begin in this browser, or is over');
        const { claims, instead } = await heard(request, login);
        if (claims === null) return instead;
        const person = personOf(claims, oidc);
        try {
          return await letIn(request, person, login.goTo);
        } catch (error) {
          if (!(error instanceof NotLetIn)) throw error;
          return denied(request, `sso_${error.why}`, `${error.message} (${person.subject})`, error.target);
        }
      },
    },
  ];
}

const subjectOf = ({ ip }: ApiRequest): string => `oidc:${ip}`;

/** Lax: the browser comes back from another site, and has to bring it. */
function stateCookie(value: string, seconds: number, secure: boolean): string {
  const parts = [
    `${LOGIN_COOKIE}=${value}`,
    `Path=${START}`,
    'HttpOnly',
    'SameSite=Lax',
    `Max-Age=${seconds}`,
  ];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}
