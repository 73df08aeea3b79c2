// What happens when file descriptors run short. uWebSockets.js accepts whatever comes until the process has none left;
// then it asks again in each turn of the loop, a whole core of it, and no upstream socket can be opened any more. So a
// part of the descriptors is kept for everything else, and connections beyond the rest wait in the kernel's queue:
//
//   roomy --`most` connections, or none left--> tight --clearly fewer, and some left--> roomy
//
// There is no way to ask uWebSockets.js to accept less. While tight, files nobody reads take the descriptors that are to
// be kept, so that accepting fails, and each turn of the loop lasts a millisecond, so that its asking again costs 3 % of
// a core (docs/decisions/0010). Node tells of each socket that is made here, to providers and to Redis: it gets its
// descriptor from what is kept.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { LogPort } from '../../contracts/ports.ts';
import { QUESTION } from '../../dns/question.ts';

/** Kept for upstream connections, Redis, files: as many as there may be clients, up to this. */
const MOST_KEPT = 8_192;
/** Opened after the listener, whatever the load: Redis, files that are read. */
const STILL_TO_COME = 12;
/** Documented with node's diagnostics channels: published for every client socket, before it connects. */
const NEW_SOCKET = 'net.client.socket';
const LOOK_MS = 250;
/** A tight spell ends when so much of the room is free, so that it does not end with every client that leaves. */
const SLACK = 1 / 8;
const TURN_MS = 1;
/** Descriptors that look-ups and files may take in the meantime. */
const LENT = 8;
const SAY_EVERY_MS = 10_000;

export interface DescriptorGateDeps {
  /** Descriptors this process may have; null = unknown: then nothing is watched. */
  limit: number | null;
  /** Descriptors it has open. */
  count(): number | null;
  log: LogPort;
  /** Monotonic ms. */
  now(): number;
}

export interface DescriptorGate {
  /** Client connections open now. */
  readonly connections: number;
  /** Descriptors that only keep others from being taken. */
  readonly held: number;
  /** The listener is open: what the process has open by now is not for clients. */
  begin(): void;
  /** A client connected. False: it must be closed at once, what is kept is not for it. */
  opened(): boolean;
  closed(): void;
  stop(): void;
}

/** @param limit descriptors of the process. @param base those in use without any client. @returns client connections at most */
export function mostConnections(limit: number, base: number): number {
  const free = limit - base - STILL_TO_COME;
  return Math.max(1, free - Math.min(Math.ceil(free / 2), MOST_KEPT));
}

export function createDescriptorGate(deps: DescriptorGateDeps): DescriptorGate {
  return new Gate(deps);
}

class Gate implements DescriptorGate {
  readonly #deps: DescriptorGateDeps;
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  readonly #fillers: number[] = [];
  #most = Number.POSITIVE_INFINITY;
  #tight = false;
  #timer: NodeJS.Timeout | null = null;
  #saidAt = Number.NEGATIVE_INFINITY;
  connections = 0;

  constructor(deps: DescriptorGateDeps) {
    this.#deps = deps;
  }

  get held(): number {
    return this.#fillers.length;
  }

  begin(): void {
    const { limit, count } = this.#deps;
    const base = count();
    if (limit === null || base === null) return;
    this.#most = mostConnections(limit, base);
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    subscribe(NEW_SOCKET, this.#onSocket);
    subscribe(QUESTION, this.#onQuestion);
  }

  opened(): boolean {
    this.connections++;
    if (this.connections < this.#most) return true;
    this.#tighten();
    this.#fill();
    return this.connections <= this.#most;
  }

  closed(): void {
    this.connections--;
  }

  stop(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer);
      unsubscribe(NEW_SOCKET, this.#onSocket);
      unsubscribe(QUESTION, this.#onQuestion);
    }
    this.#timer = null;
    this.#most = Number.POSITIVE_INFINITY;
    this.#release();
  }

  readonly #onSocket = (message: unknown): void => {
    // The event comes right before a descriptor is taken, for each address that is tried.
    (message as { socket: Socket }).socket.on('connectionAttempt', this.#makeRoom);
    if (!this.#tight) return;
    // Its name may be looked up first, in a thread that begins at once and opens files.
    this.#lend();
    process.nextTick(this.#stand);
  };

  /** Its sockets are opened in this turn. */
  readonly #onQuestion = (): void => {
    if (!this.#tight) return;
    this.#lend();
    process.nextTick(this.#stand);
  };

  /** While this thread stands still nobody is accepted: what threads open meanwhile finds room. */
  readonly #stand = (): void => {
    Atomics.wait(this.#cell, 0, 0, TURN_MS);
    if (this.#tight && this.connections >= this.#most) this.#fill();
  };

  #lend(): void {
    for (let i = 0; i < LENT; i++) this.#makeRoom();
  }

  readonly #makeRoom = (): void => {
    const filler = this.#tight ? this.#fillers.pop() : undefined;
    if (filler !== undefined) closeSync(filler);
  };

  /** Whoever took the last descriptor, the listener must not go on asking for one. */
  #look(): void {
    if (!this.#tight && !hasFree()) this.#tighten();
  }

  #tighten(): void {
    if (this.#tight) return;
    this.#tight = true;
    const { limit, log, now } = this.#deps;
    if (now() - this.#saidAt >= SAY_EVERY_MS) {
      this.#saidAt = now();
      log.warn(
        { limit, connections: this.connections },
        'file descriptors run out: new connections wait (raise the limit: docs/operations.md)',
      );
    }
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    if (this.#timer === null) return; // stopped
    if (this.connections <= this.#most * (1 - SLACK) && (this.#fillers.length > 0 || hasFree())) {
      this.#release();
      return;
    }
    this.#lend();
    this.#stand();
    setImmediate(this.#turn);
  };

  /** Until there is none left. */
  #fill(): void {
    try {
      // The bound is never met: what is kept is less.
      while (this.#fillers.length < 2 * MOST_KEPT) this.#fillers.push(openSync('/dev/null', 'r'));
    } catch {
      // That was the last one.
    }
  }

  #release(): void {
    this.#tight = false;
    for (const filler of this.#fillers.splice(0)) closeSync(filler);
  }
}

function hasFree(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return true;
  } catch {
    return false;
  }
}
