// One WebSocket on /v1/chat/ws: many conversations at once, each a call of its own. What one of them says waits for itself alone:
// each has its own queue, pauses its own provider, and takes turns with the others where the socket is slow.
import type { Peer, RequestHead } from '../../contracts/call.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import type { ChatBook } from './chat-book.ts';
import { type ChatId, type ChatRequest, readFrame } from './chat-frames.ts';
import { type FarLine, type FarPlaces, FarTurn } from './chat-far.ts';
import { type ChatLine, ChatTurn, errorMembers } from './chat-turn.ts';
import type { SocketSession, SocketWire } from '../exchange/exchange.ts';
import type { Framing } from '../../contracts/framing.ts';
import type { ChatSocketConfig } from '../../contracts/listener.ts';

export interface ChatSocketDeps {
  /** As the configuration of now has it. */
  options(): ChatSocketConfig;
  /** Begins a call whose answer is `turn`. */
  begin(turn: ChatTurn, request: ChatRequest): void;
  framing(dialect: DialectName): Framing;
  /** An error that belongs to no call. */
  render(
    dialect: DialectName,
    error: GatewayError,
  ): { status: number; headers: HeaderList; body: string; id: string };
  book: ChatBook;
  /** Where conversations are that are not here, as the configuration of now has it. */
  places(): FarPlaces;
  /** Who calls; conversations are found by it alone. */
  owner: string;
  /** Dialect of a request that tells it in no way. */
  usual: DialectName;
  /** Who is at the other end. */
  peer: Peer;
  /** The connection is gone. */
  over(): void;
}

/** RFC 6455, 7.1.5: it ended without a word. */
const BROKE = 1006;

export class ChatSocket implements SocketSession, ChatLine, FarLine {
  readonly #deps: ChatSocketDeps;
  readonly #wire: SocketWire;
  /** By id; those that are over stay until their last frame went out. */
  readonly #turns = new Map<ChatId, ChatTurn>();
  /** Those at other workers. */
  readonly #far = new Set<FarTurn>();
  /** The socket takes more. */
  #flows = true;
  #broke = false;
  #leaving: { code: number; reason: string } | null = null;
  #closed = false;

  constructor(deps: ChatSocketDeps, wire: SocketWire) {
    this.#deps = deps;
    this.#wire = wire;
  }

  /** A text frame came. */
  message(text: string): void {
    if (this.#closed) return;
    const frame = readFrame(text, this.#deps.usual);
    switch (frame.kind) {
      case 'request':
        this.#begin(frame);
        return;
      case 'resume':
        this.#resume(frame.token, frame.after);
        return;
      case 'ping':
        this.#tell('pong', frame.id, '');
        return;
      case 'bad': {
        const { message, param } = frame;
        this.#refuse(
          frame.id,
          new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param: param ?? undefined }),
        );
        return;
      }
      default:
        this.#steer(frame.kind, frame.id);
    }
  }

  /** The client takes more: each conversation says one frame, then the next, until it takes no more. */
  drained(): void {
    this.#flows = true;
    for (let said = true; said && this.#flows; ) {
      said = false;
      for (const turn of [...this.#turns.values()]) {
        if (!this.#flows) break;
        said = this.#one(turn) || said;
      }
    }
    this.#tidy();
  }

  stirred(turn: ChatTurn): void {
    while (this.#flows && this.#one(turn));
    if (turn.over) this.#tidy();
  }

  cut(): void {
    this.#wire.close(1008, 'nothing was taken for too long');
  }

  /** The connection is gone. @param code of its end: a client that said goodbye does not come back. */
  gone(code: number = BROKE): void {
    this.#closed = true;
    this.#broke = code === BROKE;
    this.#deps.over();
    const { resumeMs } = this.#deps.options();
    for (const turn of this.#turns.values()) {
      turn.move(null);
      const kept = code === BROKE && resumeMs > 0 && this.#deps.book.alone(turn, resumeMs);
      if (!kept) turn.cancel();
    }
    this.#turns.clear();
  }

  get state(): FarLine['state'] {
    if (this.#closed) return this.#broke ? 'broke' : 'left';
    return this.#flows ? 'takes' : 'full';
  }

  hand(frames: readonly string[]): void {
    for (const frame of frames) this.#flows = this.#wire.send(frame);
  }

  over(turn: FarTurn, found: boolean): void {
    this.#far.delete(turn);
    if (this.#closed) return;
    const lost = turn.id === null ? {} : { message: 'What had this conversation does not answer any more.' };
    if (!found) this.#refuse(turn.id, new GatewayError('GW_CLIENT_RESUME', lost));
    this.#tidy();
  }

  /** Takes no further conversation; ends behind those that run. */
  leave(code: number, reason: string): void {
    this.#leaving ??= { code, reason };
    this.#tidy();
  }

  lost(turn: ChatTurn): void {
    if (this.#turns.get(turn.id) === turn) this.#turns.delete(turn.id);
  }

  #begin(request: ChatRequest): void {
    const { id, dialect } = request;
    const { maxConversations, resumeMs, maxKeptBytes } = this.#deps.options();
    const refusal = this.#refusalOf(id, maxConversations);
    if (refusal !== null) {
      this.#refuse(id, refusal, dialect);
      return;
    }
    const { book, owner, peer, framing } = this.#deps;
    const maxKept = resumeMs === 0 ? 0 : Math.min(maxKeptBytes, PER_CONVERSATION);
    const token = resumeMs === 0 ? '' : book.newToken(this.#deps.places().machines?.here ?? '');
    const turn = new ChatTurn({ id, token, framing: framing(dialect), maxKept }, this, peer);
    this.#turns.set(id, turn);
    if (token !== '') book.add(owner, turn, { resumeMs, maxKept: maxKeptBytes });
    this.#deps.begin(turn, request);
  }

  #refusalOf(id: ChatId, max: number): GatewayError | null {
    if (this.#leaving !== null) return new GatewayError('GW_GATEWAY_DRAINING');
    if (this.#turns.has(id)) {
      const message = 'A conversation of this `id` is under way on this socket.';
      return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param: 'id' });
    }
    return this.#full(max);
  }

  #full(max: number): GatewayError | null {
    if (this.#turns.size + this.#far.size < max) return null;
    const message = `No more than ${max} conversations may be under way on one socket.`;
    return new GatewayError('GW_CLIENT_CONVERSATIONS', { message });
  }

  #steer(what: 'cancel' | 'pause' | 'continue', id: ChatId): void {
    const turn = this.#turns.get(id);
    if (turn === undefined) {
      const far = [...this.#far].find((one) => one.id === id);
      if (far !== undefined) {
        if (what === 'cancel') far.cancel();
        else far.paused = what === 'pause';
        return;
      }
      const message = 'No conversation of this `id` is under way on this socket.';
      this.#refuse(id, new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param: 'id' }));
    } else if (what === 'cancel') {
      turn.paused = false;
      turn.cancel();
      this.stirred(turn);
    } else {
      turn.paused = what === 'pause';
      this.stirred(turn);
    }
  }

  #resume(token: string, after: number): void {
    const { book, owner, places, options } = this.#deps;
    const turn = book.find(owner, token);
    if (turn === null) {
      const refusal = this.#full(options().maxConversations);
      if (refusal !== null) {
        this.#refuse(null, refusal);
        return;
      }
      const one = new FarTurn(places(), { owner, token, after, claim: book.newToken('') }, this);
      this.#far.add(one);
      void one.run();
      return;
    }
    const taken = this.#turns.get(turn.id);
    if (taken !== undefined && taken !== turn) {
      const message = 'Another conversation of the same `id` is under way on this socket.';
      this.#refuse(turn.id, new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param: 'id' }));
    } else if (!turn.log.rewind(after)) {
      this.#refuse(turn.id, new GatewayError('GW_CLIENT_RESUME'));
    } else {
      turn.line?.lost(turn);
      this.#turns.set(turn.id, turn);
      book.found(turn);
      turn.move(this);
      this.stirred(turn);
    }
  }

  /** @returns whether a frame of it went out. */
  #one(turn: ChatTurn): boolean {
    const frame = this.#closed ? null : turn.take();
    if (frame === null) return false;
    this.#flows = this.#wire.send(frame);
    return true;
  }

  #tidy(): void {
    for (const turn of this.#turns.values()) if (turn.over && !turn.log.waits) this.lost(turn);
    if (this.#leaving === null || this.#turns.size + this.#far.size > 0 || this.#closed) return;
    this.#closed = true;
    this.#wire.close(this.#leaving.code, this.#leaving.reason);
  }

  #refuse(id: ChatId | null, error: GatewayError, dialect: DialectName = this.#deps.usual): void {
    const { status, headers, body, id: requestId } = this.#deps.render(dialect, error);
    this.#tell('error', id, errorMembers(status, headers, body, requestId));
  }

  /** A frame that is no conversation's. */
  #tell(type: string, id: ChatId | null, members: string): void {
    const frame = `{"type":"${type}","id":${JSON.stringify(id)}${members === '' ? '' : `,${members}`}}`;
    this.#flows = this.#wire.send(frame);
  }
}

/** Of what was sent, for one conversation. */
const PER_CONVERSATION = 256 * 1024;

/** The head of each call on a socket: that of the request it was opened by, without its exchange. */
export function turnHead(
  { path, query, headers }: RequestHead,
  peer: Peer,
  dialect: DialectName,
): RequestHead {
  // Frames are cut out of events; Gemini's would come as one list without.
  const asked = dialect === 'gemini' ? `${query === '' ? '' : `${query}&`}alt=sse` : query;
  return { method: 'POST', path, query: asked, headers, peer };
}
