// Conversations whose socket broke and whose client came back to another worker of this machine. They stay where they are: that
// worker is asked for what is new of them, again and again, as fast as their client takes it.
import type { Siblings } from '../contracts/response-ports.ts';
import type { ChatBook } from './chat-book.ts';
import type { ChatId } from './chat-frames.ts';

/** Between two questions where nothing was new. */
const POLL_MS = 50;
/** A worker that says nothing so often has nothing any more. */
const MISSES = 3;
/** Of one answer; as FrameLog counts. */
const MAX_ANSWER = 256 * 1024;
/** Who asks no more has gone. */
const HELD_MS = 5_000;

interface Told {
  id: ChatId;
  frames: string[];
  over: boolean;
}

export interface FarConversations {
  /** @param frames takes what is new, and says whether more may come. */
  resume(
    socket: object,
    owner: string,
    token: string,
    after: number,
    frames: (frames: readonly string[]) => boolean,
    unknown: () => void,
  ): void;
  /** @returns whether there is one of that id on this socket. */
  cancel(socket: object, id: ChatId): boolean;
}

export function createFarConversations(siblings: Siblings): FarConversations {
  const bySocket = new WeakMap<object, Map<ChatId, { cancelled: boolean }>>();
  return {
    resume(socket, owner, token, after, frames, unknown) {
      const mine = bySocket.get(socket) ?? new Map<ChatId, { cancelled: boolean }>();
      bySocket.set(socket, mine);
      follow(after).catch(() => unknown());

      async function follow(from: number): Promise<void> {
        let at = from;
        let misses = 0;
        let state: { cancelled: boolean } | null = null;
        for (;;) {
          const wish = state?.cancelled === true ? 'cancel' : 'read';
          const [text = null] = await siblings.ask('chat', owner, [`${token} ${at} ${wish}`]);
          const told = text === null ? null : (JSON.parse(text) as Told);
          if (told === null) {
            misses += 1;
            // Nobody had it at once: nobody has it.
            if (state === null || misses === MISSES) break;
          } else {
            misses = 0;
            if (state === null) mine.set(told.id, (state = { cancelled: false }));
            at += told.frames.length;
            const flows = frames(told.frames);
            if (told.over) {
              mine.delete(told.id);
              return;
            }
            if (flows && told.frames.length > 0) continue;
          }
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
        unknown();
      }
    },
    cancel(socket, id) {
      const state = bySocket.get(socket)?.get(id);
      if (state !== undefined) state.cancelled = true;
      return state !== undefined;
    },
  };
}

/** What another worker asks: `token after read|cancel`. @returns null where it is not here. */
export function tellFar(book: ChatBook, owner: string, wish: string): string | null {
  const [token = '', after = '0', what] = wish.split(' ');
  const turn = book.find(owner, token);
  if (turn === null) return null;
  if (what === 'cancel') turn.cancel();
  turn.line?.lost(turn);
  turn.move(null);
  if (!turn.log.rewind(Number(after))) return null;
  book.alone(turn, HELD_MS);
  const frames: string[] = [];
  for (let length = 0; length < MAX_ANSWER; ) {
    const frame = turn.take();
    if (frame === null) break;
    length += frame.length;
    frames.push(frame);
  }
  const told: Told = { id: turn.id, frames, over: turn.over && !turn.log.waits };
  return JSON.stringify(told);
}
