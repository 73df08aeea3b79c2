// What a client says on a socket, frame by frame, held against what the centre decided: each frame as the body of a request would be. While
// nothing is denied no frame is read.
import type { Refusal } from './guard.ts';

export interface FrameRefusal extends Refusal {
  /** Said to the client in place of the frame. */
  readonly answer: string;
  /** What the session was given before it was denied stays with it: it ends. */
  readonly ends: boolean;
  /** '' = the frame says none. */
  readonly model: string;
}

export interface FrameGuard {
  /** The machine or the app is, whatever it says. */
  denied(): Refusal | null;
  /** Some server is. */
  looks(): boolean;
  /** @param body what offers tools. */
  refusalOf(body: unknown): Refusal | null;
}

type Table = Readonly<Record<string, unknown>>;
const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members of a session that hold for all its turns. */
const SETTINGS = ['session', 'setup'] as const;

export class GuardedFrames {
  readonly #guard: FrameGuard;
  /** What its session offers. */
  #session: Table | null = null;

  constructor(guard: FrameGuard) {
    this.#guard = guard;
  }

  /** @returns null: it may go on. */
  look(message: string): FrameRefusal | null {
    const denied = this.#guard.denied();
    if (denied !== null) return { ...denied, ends: true, ...told(parsed(message) ?? {}, denied, null) };
    const looks = this.#guard.looks();
    // A session's settings are worth remembering before anything is denied.
    if (!looks && !SETTINGS.some((name) => message.includes(`"${name}"`))) return null;
    const frame = parsed(message);
    if (frame === null) return null;
    const refusal = looks ? this.#refusalOf(frame) : null;
    if (refusal !== null) return { ...refusal, ends: false, ...told(frame, refusal) };
    for (const name of SETTINGS) {
      const settings = frame[name];
      if (isTable(settings) && ('tools' in settings || 'mcp_servers' in settings)) this.#session = settings;
    }
    const late = looks && this.#session !== null ? this.#refusalOf(this.#session) : null;
    return late === null ? null : { ...late, ends: true, ...told(frame, late) };
  }

  /** Tools stand in the frame itself, in its `response`, `session`, `setup` or `request`, or one level below. */
  #refusalOf(frame: Table): Refusal | null {
    for (const part of [frame, ...inner(frame), ...inner(frame).flatMap(inner)]) {
      const refusal = this.#guard.refusalOf(part);
      if (refusal !== null) return refusal;
    }
    return null;
  }
}

const inner = (table: Table): Table[] => Object.values(table).filter(isTable);

/** Null: it is no JSON, and offers no tools to anybody. */
function parsed(message: string): Table | null {
  try {
    const frame: unknown = JSON.parse(message);
    return isTable(frame) ? frame : null;
  } catch {
    return null;
  }
}

/** One shape that clients of Responses, Realtime, Live and the chat socket find their message in. */
function told(
  frame: Table,
  { message }: Refusal,
  param: string | null = 'tools',
): { answer: string; model: string } {
  const { id, event_id: event, stream_id: lane } = frame;
  const model = [frame, ...inner(frame)].map((part) => part['model']).find((one) => typeof one === 'string');
  const answer = JSON.stringify({
    type: 'error',
    status: 403,
    ...(id === undefined ? {} : { id }),
    ...(lane === undefined ? {} : { stream_id: lane }),
    error: {
      type: 'headgate_edge',
      code: 'denied',
      message,
      param,
      ...(event === undefined ? {} : { event_id: event }),
    },
    // Whoever would try again is refused again.
    headers: { 'x-should-retry': 'false' },
  });
  return { answer, model: typeof model === 'string' ? model.slice(0, 256) : '' };
}
