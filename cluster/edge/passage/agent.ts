// The gate's place on this machine. It listens on loopback, in every dialect since it changes none, refuses what the centre has denied, and
// hands each request on to the central gate over TLS, with what tells the gate which device it is. Credentials of agents go along where
// they are the vendor's own, and are left out where they are ours.
import { randomUUID } from 'node:crypto';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  Server,
  ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { EdgeEvent, EdgeOrders } from '../../../src/contracts/edge.ts';
import { nodeHttp, nodeHttps } from '../../../src/wire/node-http.ts';
import { type FrameRefusal, GuardedFrames } from '../guard/guarded-frames.ts';
import { type BlockedServer, type Refusal, refusalOf, refusalOfBody } from '../guard/guard.ts';
import { appOfKey } from '../guard/local-keys.ts';
import { appOfUserAgent } from '../guard/user-agents.ts';
import { parsedBody, UnreadableBody, wholeBody } from '../guard/whole-body.ts';
import { withoutHop } from './hop-headers.ts';
import { type Destination, passOn, refuse, refuseSocket } from './passage.ts';
import { passSocket } from './socket-passage.ts';
import type { TlsMeans } from '../centre/plain-call.ts';
import { GATE_KEY_HEADER } from '../setup/agent-files.ts';

export interface EdgeAgentOptions {
  /** Of the central gate, without a path. */
  readonly gate: string;
  /** Where requests go that the centre cannot be connected for: a gate on this machine. Null = they fail. */
  readonly fallback: string | null;
  /** Says who this device is. */
  readonly key: string;
  /** What agents on this machine present: nobody else on it may use the device's key. */
  readonly localKey: string;
  /** And a client certificate, where the gate asks for one. */
  readonly tls: TlsMeans;
  /** What the centre wants; null = it has said nothing. */
  orders?(): EdgeOrders | null;
  /** MCP servers of this machine that are not to be used. */
  blocked?(): readonly BlockedServer[];
  /** What the centre is to be told of. */
  record?(event: EdgeEvent): void;
  /** ms since 1970. */
  now?(): number;
}

/** A request that may go on, as far as who asks is concerned. */
export interface Asking {
  readonly incoming: IncomingMessage;
  /** '' = not known. */
  readonly app: string;
  /** Where it goes at the gate, with its query. */
  readonly path: string;
}

export interface EdgeAgent {
  /** Not listening yet. */
  readonly server: Server;
  /** Guards a request and hands it on to the gate. */
  take(asking: Asking, response: ServerResponse): void;
  takeSocket(asking: Asking, socket: Duplex, head: Buffer): void;
  /** Says no, and remembers that it did. */
  deny(asking: Asking, response: ServerResponse, refusal: Refusal, status?: number): void;
}

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;
const PLACES = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;

export function createEdgeAgent(options: EdgeAgentOptions): EdgeAgent {
  const { gate, fallback, localKey, tls, now = Date.now } = options;
  const agent = new (nodeHttps().Agent)({ keepAlive: true, ...tls });
  const orders = (): EdgeOrders | null => options.orders?.() ?? null;

  function record(asking: Asking, id: string, begun: number, event: Partial<EdgeEvent>): void {
    const { incoming, app, path } = asking;
    options.record?.({
      id,
      at: now(),
      outcome: 'failed',
      app,
      reason: '',
      method: incoming.method ?? '',
      path: path.split('?', 1)[0]!.slice(0, 1_024),
      model: '',
      status: 0,
      durationMs: performance.now() - begun,
      bytesIn: 0,
      bytesOut: 0,
      ...event,
    });
  }
  const destination = (asking: Asking, origin: string): Destination => ({
    origin,
    path: asking.path,
    headers: headersFor(asking.incoming.headers, options),
    agent,
  });

  const blocked = (): readonly BlockedServer[] => options.blocked?.() ?? [];
  /** Some MCP server is denied: what a request offers has to be looked at. */
  const looks = (): boolean =>
    blocked().length > 0 ||
    orders()?.verdicts.some(({ type, decision }) => type === 'server' && decision === 'block') === true;
  const ofBody = (app: string, body: unknown): Refusal | null =>
    refusalOfBody(blocked(), orders(), app, body);
  const mayFallBack = (): boolean => fallback !== null && (orders()?.policy.fallback ?? true);

  /** Null: it may go on; its body, if that had to be read. @throws UnreadableBody */
  async function looked(
    asking: Asking,
  ): Promise<{ refusal: Refusal | null; body: Buffer | null; model: string }> {
    const { incoming, app } = asking;
    const refusal = refusalOf(orders(), app);
    if (refusal !== null || !looks() || incoming.method !== 'POST') return { refusal, body: null, model: '' };
    const body = await wholeBody(incoming);
    const read = await parsedBody(body, String(incoming.headers['content-encoding'] ?? ''));
    return { refusal: ofBody(app, read), body, model: modelIn(read) };
  }

  async function take(asking: Asking, response: ServerResponse): Promise<void> {
    const begun = performance.now();
    const id = randomUUID();
    const { incoming } = asking;
    const { refusal, body, model } = await looked(asking);
    if (refusal !== null) {
      refuse(response, 403, refusal.message, id);
      record(asking, id, begun, { outcome: 'blocked', reason: refusal.reason, status: 403, model });
      return;
    }
    const first = await passOn(incoming, response, destination(asking, gate), body);
    if (first.kind === 'away' && mayFallBack()) {
      const second = await passOn(incoming, response, destination(asking, fallback!), body);
      if (second.kind === 'answered') {
        record(asking, id, begun, { outcome: 'fallback', model, ...second.passed });
        return;
      }
    }
    if (first.kind === 'answered' || first.kind === 'left') return;
    const status = first.kind === 'away' ? 503 : 502;
    if (first.kind === 'away' || !first.begun)
      refuse(response, status, `The gate cannot be reached (${first.code}).`, id);
    record(asking, id, begun, { status, reason: first.code, model });
  }

  async function takeSocket(asking: Asking, socket: Duplex, head: Buffer): Promise<void> {
    const begun = performance.now();
    const id = randomUUID();
    const { incoming, app } = asking;
    const denied = (): Refusal | null => refusalOf(orders(), app);
    const refusal = denied();
    if (refusal !== null) {
      refuseSocket(socket, 403, refusal.message, id);
      record(asking, id, begun, { outcome: 'blocked', reason: refusal.reason, status: 403 });
      return;
    }
    const frames = new GuardedFrames({ denied, looks, refusalOf: (body) => ofBody(app, body) });
    const look = (frame: string): FrameRefusal | null => {
      const refused = frames.look(frame);
      if (refused !== null) {
        const { reason, model } = refused;
        record(asking, randomUUID(), performance.now(), { outcome: 'blocked', reason, status: 403, model });
      }
      return refused;
    };
    const first = await passSocket(incoming, socket, head, destination(asking, gate), look);
    const falls = first.kind === 'away' && mayFallBack();
    const end = falls
      ? await passSocket(incoming, socket, head, destination(asking, fallback!), look)
      : first;
    if (end.kind === 'over' || end.kind === 'refused') {
      if (falls)
        record(asking, id, begun, { outcome: 'fallback', status: end.kind === 'over' ? 101 : end.status });
      return;
    }
    const status = end.kind === 'away' ? 503 : 502;
    refuseSocket(socket, status, `The gate cannot be reached (${end.code}).`, id);
    record(asking, id, begun, { status, reason: end.code });
  }

  function deny(asking: Asking, response: ServerResponse, refusal: Refusal, status = 403): void {
    const id = randomUUID();
    refuse(response, status, refusal.message, id);
    record(asking, id, performance.now(), { outcome: 'blocked', reason: refusal.reason, status });
  }

  const made: EdgeAgent = {
    server: nodeHttp().createServer((incoming, response) => {
      const asked = askingOf(incoming, localKey);
      if ('status' in asked) refuse(response, asked.status, asked.message, randomUUID());
      else made.take(asked, response);
    }),
    take(asking, response) {
      take(asking, response).catch((error: unknown) => {
        if (error instanceof UnreadableBody)
          deny(
            asking,
            response,
            {
              reason: 'body',
              message: `The body cannot be looked at, and some MCP servers are denied here: ${error.message}.`,
            },
            400,
          );
        else response.destroy();
      });
    },
    takeSocket(asking, socket, head) {
      takeSocket(asking, socket, head).catch(() => socket.destroy());
    },
    deny,
  };
  const { server } = made;
  server.requestTimeout = 0;
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = askingOf(incoming, localKey);
    if ('status' in asked) refuseSocket(socket, asked.status, asked.message, randomUUID());
    else made.takeSocket(asked, socket, head);
  });
  server.once('close', () => agent.destroy());
  return made;
}

/** A page of a browser may reach loopback, under a name of its own: only loopback's names are answered. */
function askingOf(incoming: IncomingMessage, localKey: string): Asking | { status: number; message: string } {
  const { headers, url = '/' } = incoming;
  if (!LOOPBACK_HOST.test(headers.host ?? '') || headers.origin !== undefined)
    return { status: 403, message: 'This is no address for pages of a browser.' };
  const presented = [headers[GATE_KEY_HEADER], ...PLACES.map((place) => headers[place])];
  const app = presented
    .map((value) => (typeof value === 'string' ? appOfKey(value, localKey) : null))
    .find((one) => one !== null);
  if (app === undefined)
    return {
      status: 401,
      message: 'The key of this machine was not given: `headgate edge setup` writes it into agents’ files.',
    };
  return { incoming, app: app === '' ? appOfUserAgent(headers['user-agent'] ?? '') : app, path: url };
}

/** The device's key in place of the machine's; what is not the machine's is the vendor's, and stays. */
export function headersFor(
  headers: IncomingHttpHeaders,
  { key, localKey }: Pick<EdgeAgentOptions, 'key' | 'localKey'>,
): OutgoingHttpHeaders {
  const made = withoutHop(headers);
  for (const place of PLACES) if (appOfKey(String(made[place] ?? ''), localKey) !== null) delete made[place];
  made[GATE_KEY_HEADER] = key;
  return made;
}

function modelIn(body: unknown): string {
  const model = typeof body === 'object' && body !== null && 'model' in body ? body.model : '';
  return typeof model === 'string' ? model.slice(0, 256) : '';
}
