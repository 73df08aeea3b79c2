// Tickets for the chat socket: a browser can set no header on a WebSocket, and a key has no place in a page. A ticket is the
// credentials of who asked for it, sealed for a minute by a secret that all workers of the gateway have; nobody keeps it.
import type { RequestHead } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Route } from '../../contracts/route.ts';
import {
  type Credentials,
  createSeal,
  credentialsOf,
  withCredentials,
} from '../../pipeline/who/sealed-credentials.ts';
import { TICKET_PROTOCOL } from '../../pipeline/who/socket-key.ts';
import { CHAT_SOCKET } from './chat-routes.ts';
import type { Cors } from './cors.ts';

export interface Ticket {
  ticket: string;
  /** Seconds since 1970. */
  expires_at: number;
}

export interface Tickets {
  /** @param ttlMs it may be shown so long. */
  issue(head: RequestHead, ttlMs: number): Ticket;
  /** Whether a head shows one. */
  shown(head: RequestHead): string;
  /** The head with what its ticket stands for; null: it is no ticket of ours, too old, shown before, or another page's. */
  redeem<T extends RequestHead>(head: T, ticket: string): T | null;
}

const MARK = 'hgt_';
/** Tickets that were shown here and are not too old yet; beyond that the oldest are forgotten. */
const MAX_SHOWN = 100_000;

interface Sealed {
  readonly h: Credentials;
  /** Query that held a key. */
  readonly q: string;
  /** The page it was asked for by; '' = none. */
  readonly o: string;
  /** ms since 1970. */
  readonly e: number;
}

/** @param secret any text; the same at every worker that is to take the tickets of the others. */
export function createTickets(secret: () => string, wall: () => number): Tickets {
  const shownHere = new Set<string>();
  const seal = createSeal<Sealed>(MARK, 'ticket', secret);

  return {
    issue(head, ttlMs) {
      const e = wall() + ttlMs;
      const q = head.query.includes('key=') ? head.query : '';
      const ticket = seal.close({ h: credentialsOf(head), q, o: head.headers.get('origin') ?? '', e });
      return { ticket, expires_at: Math.floor(e / 1000) };
    },
    shown({ headers, query }) {
      const protocols = headers.get('sec-websocket-protocol') ?? '';
      const found = protocols
        .split(',')
        .map((name) => name.trim())
        .find((name) => name.startsWith(TICKET_PROTOCOL));
      if (found !== undefined) return found.slice(TICKET_PROTOCOL.length);
      return query.includes('ticket=') ? (new URLSearchParams(query).get('ticket') ?? '') : '';
    },
    redeem(head, ticket) {
      const sealed = seal.open(ticket);
      if (sealed === null || sealed.e < wall() || shownHere.has(ticket)) return null;
      if (sealed.o !== '' && sealed.o !== head.headers.get('origin')) return null;
      if (shownHere.size >= MAX_SHOWN) for (const first of shownHere) if (shownHere.delete(first)) break;
      shownHere.add(ticket);
      return { ...head, headers: withCredentials(head, sealed.h), query: sealed.q };
    },
  };
}

/**
 * What is asked before a WebSocket is opened, beside who calls. @param origin of the page, where one asks.
 * @returns the head with what its ticket stands for.
 */
export function admitSocket<T extends RequestHead>(
  route: Route,
  head: T,
  origin: string | undefined,
  cors: Pick<Cors, 'allows'>,
  tickets: Tickets,
): T | GatewayError {
  if (route !== CHAT_SOCKET) return head;
  // A page can be made to open sockets anywhere: which one it is the browser says, and nobody else.
  if (origin !== undefined && !cors.allows(origin)) return new GatewayError('GW_CLIENT_ORIGIN');
  const shown = tickets.shown(head);
  if (shown === '') return head;
  const message = 'The ticket is none of this gateway, too old, shown before, or another page’s.';
  return tickets.redeem(head, shown) ?? new GatewayError('GW_CLIENT_AUTH', { message });
}
