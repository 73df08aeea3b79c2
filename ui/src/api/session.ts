// Who is signed in, and what they may do.
import { computed, signal } from '@preact/signals';
import { call, onSessionEnd, setCsrf } from './client.ts';
import { ApiProblem } from './problem.ts';

export interface Admin {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

interface SessionBody {
  readonly admin: Admin;
  readonly csrfToken?: string;
  readonly permissions?: readonly string[];
}

export type SessionState =
  | { readonly kind: 'asking' }
  /** `over`: there was one, and it has ended. */
  | { readonly kind: 'out'; readonly over: boolean }
  | { readonly kind: 'in'; readonly admin: Admin; readonly permissions: readonly string[] }
  | { readonly kind: 'away'; readonly message: string };

export const session = signal<SessionState>({ kind: 'asking' });

onSessionEnd(() => {
  if (session.peek().kind === 'in') session.value = { kind: 'out', over: true };
});

export async function askSession(): Promise<void> {
  try {
    const { body } = await call<SessionBody>('GET', '/api/session');
    begin(body);
  } catch (error) {
    const status = error instanceof ApiProblem ? error.problem.status : -1;
    session.value =
      status === 401 || status === 403
        ? { kind: 'out', over: false }
        : { kind: 'away', message: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws ApiProblem */
export async function signIn(name: string, password: string, code = ''): Promise<void> {
  const { body } = await call<SessionBody>('POST', '/api/login', {
    body: { name, password, ...(code === '' ? {} : { code }) },
  });
  setCsrf(body.csrfToken ?? '');
  // What they may do is told by the session alone.
  await askSession();
}

/** The first administrator, by the token the gateway printed. @throws ApiProblem */
export async function setUp(token: string, name: string, password: string): Promise<void> {
  await call('POST', '/api/setup', { body: { name, password }, bearer: token });
  await signIn(name, password);
}

export async function signOut(): Promise<void> {
  try {
    await call('POST', '/api/logout');
  } finally {
    setCsrf('');
    session.value = { kind: 'out', over: false };
  }
}

function begin({ admin, csrfToken = '', permissions = [] }: SessionBody): void {
  setCsrf(csrfToken);
  session.value = { kind: 'in', admin, permissions };
}

/** May who is signed in do `verb` with `resource`? */
export function may(resource: string, verb: 'read' | 'create' | 'update' | 'delete'): boolean {
  const now = session.value;
  return now.kind === 'in' && allows(now.permissions, resource, verb);
}

export function allows(permissions: readonly string[], resource: string, verb: string): boolean {
  return permissions.some((one) => {
    const [what, how] = one.split(':');
    return (what === '*' || what === resource) && (how === '*' || how === verb);
  });
}

export const role = computed(() => (session.value.kind === 'in' ? session.value.admin.role : ''));

/** Why a control is off; '' = it is not. */
export function whyNot(resource: string, verb: 'create' | 'update' | 'delete'): string {
  if (may(resource, verb)) return '';
  return `Your role, ${role.value}, may look at this and not change it. An administrator can change your role under Settings.`;
}
