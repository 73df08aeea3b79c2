// The page as the gatehouse serves it, over an API whose answers are made up: every state of a page, at once and without a
// gateway. What the real API answers is tested with a real one (first-run.test.ts).
import { documentNode } from '../../../gatehouse/config/schema.ts';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerPage, isPage } from '../../../gatehouse/page/answer.ts';
import { createPageFiles } from '../../../gatehouse/page/files.ts';
import { type Role, permissionsOf } from '../../../src/governance/roles.ts';
import { type Amount, logPage, row, stats } from './canned-log.ts';
import { edge } from './canned-edge.ts';
import { configState, history, prices } from './canned-config.ts';
import { audit, clusterHistory, clusterView, objects, standings } from './canned-objects.ts';

export interface CannedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Canned {
  readonly origin: string;
  amount: Amount;
  role: Role;
  signedIn: boolean;
  /** Milliseconds before each answer of the API. */
  slowMs: number;
  /** Answers of the API wait until they are let go; null = none does. */
  held: (() => void)[] | null;
  readonly calls: CannedCall[];
  /** Live tails that are open. */
  readonly tails: Set<ServerResponse>;
  /** Answers one path instead: null = as usual. */
  answer: (call: CannedCall) => { status: number; body: unknown } | null;
  /** Rows a second of the live tail. */
  tailPerSecond: number;
  /** Rows of it so far, of all who watch. */
  tailSent: number;
  /** Ends all live tails that are open. */
  endTails(): void;
  close(): Promise<void>;
}

const LISTS = [
  'organizations',
  'teams',
  'users',
  'customers',
  'projects',
  'keys',
  'limits',
  'admins',
  'tokens',
];

export async function startCanned(now: number): Promise<Canned> {
  const files = createPageFiles();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (isPage(path.split('?')[0]!)) {
      const made = answerPage(files(), {
        method: request.method ?? 'GET',
        path: path.split('?')[0]!,
        acceptEncoding: String(request.headers['accept-encoding'] ?? ''),
        ifNoneMatch: String(request.headers['if-none-match'] ?? ''),
      });
      response.writeHead(made.status, made.headers);
      response.end(made.body);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        method: request.method ?? 'GET',
        path,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      canned.calls.push(call);
      const reply = (): unknown => answer(canned, call, response, now);
      if (canned.held === null) setTimeout(reply, canned.slowMs);
      else canned.held.push(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP
  const canned: Canned = {
    origin: `http://127.0.0.1:${port}`,
    amount: 'little',
    role: 'admin',
    signedIn: true,
    slowMs: 0,
    held: null,
    calls: [],
    tails: new Set(),
    answer: () => null,
    tailPerSecond: 2,
    tailSent: 0,
    endTails() {
      for (const response of canned.tails) response.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return canned;
}

function answer(canned: Canned, call: CannedCall, response: ServerResponse, now: number): unknown {
  const json = (status: number, body: unknown): unknown => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_canned' });
    return response.end(JSON.stringify(body));
  };
  const refuse = (status: number, code: string, message: string): unknown =>
    json(status, { error: { code, message } });
  const own = canned.answer(call);
  if (own !== null) return json(own.status, own.body);
  const url = new URL(call.path, canned.origin);
  if (url.pathname === '/api/login') {
    canned.signedIn = true;
    return json(200, { admin: { id: 'admin_1', name: 'ada', role: canned.role }, csrfToken: 'csrf' });
  }
  if (url.pathname === '/api/login/methods') return json(200, { password: true });
  if (url.pathname === '/v1/models')
    return json(200, { data: [{ id: 'gpt-5-mini' }, { id: 'claude-sonnet-5' }] });
  if (!canned.signedIn) return refuse(401, 'unauthenticated', 'The session is over: log in again.');
  const { amount } = canned;
  switch (url.pathname) {
    case '/api/session':
      return json(200, {
        admin: { id: 'admin_1', name: 'ada', role: canned.role },
        csrfToken: 'csrf',
        permissions: permissionsOf(canned.role).map(({ resource, verb }) => `${resource}:${verb}`),
      });
    case '/api/oidc':
      return json(200, { enabled: false });
    case '/api/stats':
      return json(200, stats(amount, url.searchParams, now));
    case '/api/logs':
      return json(
        200,
        logPage(
          amount,
          Number(url.searchParams.get('limit') ?? 50),
          Number(url.searchParams.get('cursor') ?? 0),
          now,
        ),
      );
    case '/api/logs/stream':
      return tail(canned, response, now);
    case '/api/cluster':
      return json(200, clusterView(amount, now));
    case '/api/cluster/stream':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: cluster\ndata: ${JSON.stringify(clusterView(amount, now))}\n\n`);
      return null;
    case '/api/cluster/history':
      return json(200, clusterHistory(amount, now));
    case '/api/config':
      return amount === 'none'
        ? refuse(404, 'route_not_found', 'There is no route /api/config.')
        : json(200, configState());
    case '/api/budgets/standing':
      return json(200, standings(amount, now));
    case '/api/prices':
      return json(200, prices(url.searchParams.get('models') ?? ''));
    case '/api/config/schema':
      return json(200, documentNode);
    case '/api/config/history':
      return json(200, { items: history(now), next: null });
    case '/api/cache':
      return json(200, amount === 'none' ? { entries: 0, bytes: 0 } : { entries: 12_345, bytes: 41_234_567 });
    case '/api/audit':
      return json(200, { items: audit(amount, now), next: null });
    default:
      break;
  }
  const edged = edge(url.pathname, amount, now);
  if (edged !== null && call.method === 'GET') return json(200, edged);
  if (url.pathname === '/api/edge/authority') return refuse(404, 'no_authority', 'There is no authority.');
  const [, , list = '', id, part] = url.pathname.split('/');
  if (LISTS.includes(list) && part === 'budgets') return json(200, standings(amount, now));
  if (url.pathname === '/api/keys' && call.method === 'POST')
    return json(201, { id: 'key_9', name: 'playground', key: 'hg-canned' });
  if (list === 'logs' && id !== undefined) return oneCall(id, now, json);
  if (LISTS.includes(list) && id === undefined && call.method === 'GET')
    return json(200, { items: objects(list, amount, now), next: null });
  return refuse(404, 'route_not_found', `There is no route ${url.pathname}.`);
}

function oneCall(id: string, now: number, json: (status: number, body: unknown) => unknown): unknown {
  const rows = Array.from({ length: 40 }, (_, index) => row(index, now));
  const call = rows.find((one) => one['call'] === id);
  if (call === undefined)
    return json(404, { error: { code: 'not_found', message: 'There is no such call in the log.' } });
  const first = {
    ...call,
    id: Number(call['id']) - 1,
    attempt: 1,
    final: false,
    outcome: 'error',
    status: 429,
    owner: 'provider',
    errorType: 'provider_rate_limit',
    beganMs: 0,
    queueMs: 2,
    headMs: 180,
    attemptMs: 182,
    provider: 'azure-eu',
  };
  const request = {
    model: 'fast',
    messages: [{ role: 'user', content: `Say hello to ${String(call['user'])}` }],
  };
  const reply = { choices: [{ message: { role: 'assistant', content: 'Hello. <b>not bold</b>' } }] };
  const body = (kind: string, value: object): object => ({
    kind,
    bytes: 120,
    truncated: false,
    sha256: '',
    encoding: 'utf8',
    text: JSON.stringify(value),
  });
  return json(200, {
    call: { ...call, attempt: 2, attempts: 2, beganMs: 320 },
    attempts: [first, { ...call, attempt: 2, beganMs: 320 }],
    charges: [
      {
        attempt: 2,
        provider: call['provider'],
        upstreamModel: call['upstreamModel'],
        costNano: call['costNano'],
        priceVersion: 'builtin 2026-11-20',
        recalculatedAt: null,
      },
    ],
    children: [],
    bodies: [body('request', request), body('answer', reply)],
  });
}

function tail(canned: Canned, response: ServerResponse, now: number): void {
  canned.tails.add(response);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('retry: 2000\n\n');
  let sent = 0;
  const timer = setInterval(() => {
    const many = Math.max(1, Math.round(canned.tailPerSecond / 20));
    let text = '';
    for (let index = 0; index < many; index += 1) {
      sent += 1;
      canned.tailSent += 1;
      text += `event: row\ndata: ${JSON.stringify({ ...row(sent % 997, now), id: 9_500_000_000_000 + sent, call: `req_live_${sent}` })}\n\n`;
    }
    response.write(text);
  }, 50);
  response.on('close', () => {
    clearInterval(timer);
    canned.tails.delete(response);
  });
}
