// The admin API of a running gateway as a program would use it: set up by the token the gateway printed, then called.
import type { GatewayProcess } from './gateway.ts';
import { waitUntil } from './wait.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; `{}` without a body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

export interface AdminClient {
  readonly token: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<AdminAnswer>;
  get(path: string): Promise<AdminAnswer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<AdminAnswer>;
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<AdminAnswer>;
  delete(path: string, headers?: Record<string, string>): Promise<AdminAnswer>;
}

/** The set-up token of a gateway that nobody administers yet. */
export async function setupToken(gateway: GatewayProcess): Promise<string> {
  const found = (): string | undefined => /hgs-[A-Za-z0-9]{39}/.exec(gateway.output())?.[0];
  await waitUntil(() => found() !== undefined, 'a set-up token', 30_000);
  return found()!;
}

/** Resolves once `/api/` is answered. */
export async function adminOpen({ url }: Pick<GatewayProcess, 'url'>): Promise<void> {
  const open = async (): Promise<boolean> => (await fetch(`${url}/api/openapi.json`)).status === 200;
  await waitUntil(open, 'the admin API', 30_000);
}

/** @param token a personal token; '' = none */
export function adminClient(url: string, token: string): AdminClient {
  const call: AdminClient['call'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
  };
  return {
    token,
    call,
    get: (path) => call('GET', path),
    post: (path, body, headers) => call('POST', path, body, headers),
    patch: (path, body, headers) => call('PATCH', path, body, headers),
    delete: (path, headers) => call('DELETE', path, undefined, headers),
  };
}

/** Sets the gateway up. */
export async function openAdmin(gateway: GatewayProcess, password?: string): Promise<AdminClient> {
  const token = await setupToken(gateway);
  await adminOpen(gateway);
  const first = adminClient(gateway.url, token);
  const { status, body } = await first.post('/api/setup', {
    name: 'ada',
    ...(password === undefined ? {} : { password }),
  });
  if (status !== 201) throw new Error(`set-up failed: ${status} ${JSON.stringify(body)}`);
  return adminClient(gateway.url, body.token);
}
