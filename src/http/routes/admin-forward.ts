// Hands calls of `/api/` and `/ui/` on to the gatehouse, over its Unix socket: the admin API is answered there, by a process that a
// call of a model never waits for. node:http is loaded with the first of them; most workers never see one.
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Call } from '../../contracts/call.ts';
import type { ClientCertificate } from '../../contracts/client-certificate.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { HeaderBag } from '../../contracts/headers.ts';
import type { Refuser } from '../../pipeline/refuse.ts';
import type { Settle } from '../../pipeline/settle.ts';
import { nodeHttp } from '../../wire/node-http.ts';

/** Where the gatehouse answers; `off`: nobody administers this gateway on this port. */
export type AdminPlace = { readonly socket: string | null } | 'off';

/** Longer than anything it does: a password takes 50 ms, a database that is away 2 s. */
const ANSWER_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const PASSED = [
  'accept',
  'accept-encoding',
  'authorization',
  'content-type',
  'cookie',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'origin',
  'sec-fetch-site',
  'user-agent',
  'x-api-key',
  'x-csrf-token',
  'x-forwarded-proto',
] as const;

/** Of the connection, or said by the sink itself. */
const OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
  'x-request-id',
]);

export interface AdminForwardDeps {
  place(): AdminPlace;
  settle: Settle;
  refuse: Refuser;
}

export interface AdminForward {
  /** @param call with its whole body. @param from address of the client */
  ask(call: Call, from: string): void;
  /** Ends what would go on for as long as somebody looks: nobody is to wait for that. */
  beginDrain(): void;
}

export function createAdminForward({ place, settle, refuse }: AdminForwardDeps): AdminForward {
  /** Ways to end what never ends by itself. */
  const endless = new Set<() => void>();

  /** Piece by piece, no faster than the client takes it. What is cut on its way is cut for the client, too. */
  function handOn(call: Call, answer: IncomingMessage): void {
    const { sink } = call;
    const status = answer.statusCode ?? 200;
    const end = (error: GatewayError | null): void => {
      endless.delete(finish);
      answer.destroy();
      if (call.settled) return;
      if (error === null) sink.end();
      else if (!sink.closed) sink.cut();
      settle(call, { status: error?.status ?? status, error, facts: null });
    };
    const finish = (): void => end(null);
    if (answer.headers['content-type']?.startsWith('text/event-stream') === true) endless.add(finish);
    call.work = { cancel: end };
    sink.onDrain = () => void answer.resume();
    sink.start(status, headersOf(answer));
    answer.on('data', (chunk: Buffer) => {
      if (!call.settled && !sink.chunk(chunk)) answer.pause();
    });
    answer.on('end', finish);
    answer.on('error', (cause) => end(new GatewayError('GW_GATEHOUSE_AWAY', { cause })));
  }

  function send(socket: string, call: Call, from: string, body: Buffer): void {
    const { head } = call;
    const request = nodeHttp().request(optionsOf(call, socket, from, body));
    const failed = (cause: unknown): void => {
      if (call.settled) return;
      if (call.sink.committed) call.work?.cancel(new GatewayError('GW_GATEHOUSE_AWAY', { cause }));
      else refuse(call, new GatewayError('GW_GATEHOUSE_AWAY', { cause, retryAfterMs: 1_000 }));
    };
    // What has left needs no answer.
    call.work = { cancel: () => void request.destroy() };
    request.setTimeout(ANSWER_MS, () => request.destroy(new Error('the gatehouse does not answer')));
    request.on('error', failed);
    request.on('response', (answer) => {
      // Without a length it is made while it is sent: it may go on for as long as somebody reads.
      if (answer.headers['content-length'] === undefined && answer.statusCode === 200) {
        handOn(call, answer);
        return;
      }
      collect(answer).then((bytes) => {
        if (call.settled) return;
        const status = answer.statusCode ?? 502;
        call.sink.reply(status, headersOf(answer), head.method === 'HEAD' ? '' : bytes);
        settle(call, { status, error: null, facts: null });
      }, failed);
    });
    request.end(body);
  }

  function ask(call: Call, from: string): void {
    // A copy: the call's own goes when it is settled, whether the socket has taken it or not.
    const body = Buffer.from(call.body ?? '');
    const where = place();
    if (where === 'off') {
      refuse(
        call,
        new GatewayError('GW_CLIENT_ROUTE_NOT_FOUND', {
          message: 'There is no administration here: it is switched off (HEADGATE_ADMIN=off).',
        }),
      );
      return;
    }
    const { socket } = where;
    if (socket === null) {
      refuse(call, new GatewayError('GW_GATEHOUSE_AWAY', { retryAfterMs: 1_000 }));
      return;
    }
    send(socket, call, from, body);
  }

  return {
    ask,
    beginDrain() {
      for (const finish of [...endless]) finish();
    },
  };
}

function optionsOf({ id, head }: Call, socketPath: string, from: string, body: Buffer): RequestOptions {
  const headers: Record<string, string | number> = {
    host: 'gatehouse',
    'x-request-id': id,
    'x-headgate-client': from,
    'content-length': body.length,
  };
  const certificate = head.peer?.certificate?.() ?? null;
  // Never what a client says: the name is none of those that are passed on.
  if (certificate !== null) headers['x-headgate-certificate'] = certificateText(certificate);
  for (const name of PASSED) {
    const value = passedValue(head.headers, name);
    if (value !== undefined) headers[name] = value;
  }
  const path = head.query === '' ? head.path : `${head.path}?${head.query}`;
  return { socketPath, method: head.method, path, headers };
}

function certificateText({ fingerprint, subject }: ClientCertificate): string {
  const name = subject.find(([attribute]) => attribute === 'CN')?.[1] ?? '';
  return `${fingerprint} ${encodeURIComponent(name.slice(0, 256).toWellFormed())}`;
}

/** Repeated cookies are one list of them (RFC 9113, 8.2.3); of all else there is one. */
function passedValue(headers: HeaderBag, name: string): string | undefined {
  const value = headers.get(name);
  return name === 'cookie' ? value?.replaceAll(', ', '; ') : value;
}

function headersOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    if (!OWN.has(name)) headers.push([name, rawHeaders[at + 1]!]);
  }
  return headers;
}

async function collect(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the gatehouse answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
