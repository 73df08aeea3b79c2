// Token servers of Google, Microsoft, AWS and of OAuth 2 at large, on one port: strict about what they are sent, with tokens that
// are numbered. A test says how they behave from now on.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Mood = 'well' | 'refuses' | 'hangs' | 'babbles';

export interface TokenRequestSeen {
  /** Monotonic ms. */
  at: number;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Of a form, or of a JSON object's texts. */
  fields: Record<string, string>;
}

export interface TokenServer {
  readonly url: string;
  readonly seen: TokenRequestSeen[];
  mood: Mood;
  /** Life of the tokens it gives. */
  lifeSeconds: number;
  close(): Promise<void>;
}

/** Starts them on a free port. Tokens are `token-1`, `token-2`, …; a key pair has the same number in all its parts. */
export async function startTokenServer(): Promise<TokenServer> {
  const seen: TokenRequestSeen[] = [];
  let given = 0;
  const server = createServer((request, response) => {
    void collect(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://h');
      const { method = '' } = request;
      const one = {
        at: performance.now(),
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        fields: fieldsOf(request, body),
      };
      seen.push(one);
      if (made.mood === 'hangs') return;
      if (made.mood === 'refuses') {
        send(response, 400, { error: 'invalid_grant', error_description: 'secret-in-a-description' });
        return;
      }
      if (made.mood === 'babbles') {
        send(response, 200, '<html>');
        return;
      }
      const fault = complaint(one);
      if (fault !== null) send(response, 401, { error: fault });
      else send(response, 200, ...answer(one, made.lifeSeconds, () => ++given));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const made: TokenServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    mood: 'well',
    lifeSeconds: 3_600,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return made;
}

/** What the vendor would refuse of a request, in a word. */
function complaint({ method, path, query, headers, fields }: TokenRequestSeen): string | null {
  const grant = fields['grant_type'] ?? '';
  if (path.startsWith('/computeMetadata/'))
    return headers['metadata-flavor'] === 'Google' ? null : 'missing_flavor';
  if (path.startsWith('/metadata/identity/'))
    return headers['metadata'] === 'true' && query.has('resource') ? null : 'missing_metadata';
  if (path.startsWith('/msi'))
    return headers['x-identity-header'] === 'of-the-app' ? null : 'missing_identity';
  if (path.startsWith('/latest/')) {
    if (path === '/latest/api/token') return method === 'PUT' ? null : 'no_put';
    return headers['x-aws-ec2-metadata-token'] === 'imds-session' ? null : 'no_session';
  }
  if (path.endsWith(':generateAccessToken'))
    return /^Bearer token-\d+$/.test(headers.authorization ?? '') ? null : 'no_bearer';
  if (method !== 'POST') return 'no_post';
  if (fields['Action'] !== undefined) return null;
  if (grant.endsWith(':jwt-bearer'))
    return fields['assertion']?.split('.').length === 3 ? null : 'no_assertion';
  if (grant.endsWith(':token-exchange'))
    return isSubject(fields['subject_token'] ?? '') && fields['audience'] ? null : 'no_subject';
  if (grant === 'refresh_token')
    return fields['refresh_token'] && (fields['client_secret'] || headers.authorization?.startsWith('Basic '))
      ? null
      : 'no_refresh_token';
  if (grant !== 'client_credentials') return 'unsupported_grant_type';
  return fields['client_secret'] || fields['client_assertion'] || headers.authorization?.startsWith('Basic ')
    ? null
    : 'invalid_client';
}

/** A token, or a signed request to AWS. */
function isSubject(text: string): boolean {
  return text === 'of-the-workload' || text.startsWith('%7B%22url%22');
}

function answer(
  { path, fields }: TokenRequestSeen,
  lifeSeconds: number,
  next: () => number,
): [body: object | string, type?: string] {
  const expires = new Date(Date.now() + lifeSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  if (path === '/latest/api/token') return ['imds-session'];
  if (path === '/latest/meta-data/iam/security-credentials/') return ['role-of-the-machine'];
  if (path.endsWith('/availability-zone')) return ['eu-west-1b'];
  const number = next();
  const pair = { AccessKeyId: `ASIA-${number}`, SecretAccessKey: `secret-${number}` };
  if (path.startsWith('/latest/meta-data/iam/')) {
    const more = { Code: 'Success', Type: 'AWS-HMAC', LastUpdated: expires };
    return [{ ...more, ...pair, Token: `session-${number}`, Expiration: expires }];
  }
  const action = fields['Action'];
  if (action !== undefined) {
    const inner = Object.entries({ ...pair, SessionToken: `session-${number}`, Expiration: expires })
      .map(([name, text]) => `<${name}>${text}</${name}>`)
      .join('');
    const result = `<${action}Result><Credentials>${inner}</Credentials></${action}Result>`;
    return [
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</${action}Response>`,
      'text/xml',
    ];
  }
  const token = `token-${number}`;
  if (path.endsWith(':generateAccessToken')) return [{ accessToken: token, expireTime: expires }];
  // App Service tells the end and not the life.
  const end = String(Math.floor(Date.now() / 1000) + lifeSeconds);
  if (path.startsWith('/msi')) return [{ access_token: token, expires_on: end }];
  const life = path.startsWith('/metadata/') ? String(lifeSeconds) : lifeSeconds;
  return [{ access_token: token, expires_in: life, token_type: 'Bearer' }];
}

function send(
  response: ServerResponse,
  status: number,
  body: object | string,
  type = 'application/json',
): void {
  response.writeHead(status, { 'content-type': type });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function collect(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function fieldsOf(request: IncomingMessage, body: string): Record<string, string> {
  if (request.headers['content-type']?.startsWith('application/json'))
    return JSON.parse(body) as Record<string, string>; // a fixture of tests: what is no text is not looked at
  return Object.fromEntries(new URLSearchParams(body));
}
