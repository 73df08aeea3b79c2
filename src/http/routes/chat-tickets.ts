// Tickets for the chat socket: a browser can set no header on a WebSocket, and a key has no place in a page. A ticket is the
// credentials of who asked for it, sealed for a minute by a secret that all workers of the gateway have; nobody keeps it.
import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import type { RequestHead } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import type { Route } from '../../contracts/route.ts';
import { GATE_KEY } from '../../pipeline/who/authenticate.ts';
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
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Where a key may stand. */
const CREDENTIALS = [GATE_KEY, 'authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;
/** Tickets that were shown here and are not too old yet; beyond that the oldest are forgotten. */
const MAX_SHOWN = 100_000;

interface Sealed {
  /** Names and values of headers. */
  readonly h: readonly (readonly [string, string])[];
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
  const key = (): Buffer => hash('sha256', `headgate ticket 1 ${secret()}`, 'buffer');

  function open(ticket: string): Sealed | null {
    try {
      const bytes = Buffer.from(ticket.slice(MARK.length), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key(), bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as Sealed; // sealed by us
    } catch {
      return null;
    }
  }

  return {
    issue(head, ttlMs) {
      const h = CREDENTIALS.flatMap((name): [string, string][] => {
        const value = head.headers.get(name);
        return value === undefined ? [] : [[name, value]];
      });
      const e = wall() + ttlMs;
      const q = head.query.includes('key=') ? head.query : '';
      const sealed: Sealed = { h, q, o: head.headers.get('origin') ?? '', e };
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key(), iv);
      const text = Buffer.concat([cipher.update(JSON.stringify(sealed), 'utf8'), cipher.final()]);
      const ticket = MARK + Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
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
      const sealed = ticket.startsWith(MARK) ? open(ticket) : null;
      if (sealed === null || sealed.e < wall() || shownHere.has(ticket)) return null;
      if (sealed.o !== '' && sealed.o !== head.headers.get('origin')) return null;
      if (shownHere.size >= MAX_SHOWN) for (const first of shownHere) if (shownHere.delete(first)) break;
      shownHere.add(ticket);
      const headers = new HeaderBag();
      for (let at = 0; at < head.headers.count; at++)
        headers.add(head.headers.nameAt(at), head.headers.valueAt(at));
      for (const [name, value] of sealed.h) if (headers.get(name) === undefined) headers.add(name, value);
      return { ...head, headers, query: sealed.q };
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
