// The crew: forks a worker per slot, replaces the dead, ends the stuck. The only file of the primary that knows
// node:cluster (whose own scheduling plays no part: each worker opens the shared port itself).
import type { ChildProcess } from 'node:child_process';
import type Cluster from 'node:cluster';
import type { ToPrimary, ToWorker } from '../../src/contracts/ipc.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import { behindReads } from '../../src/ipc/behind-reads.ts';
import { packMessage, unpackToPrimary } from '../../src/ipc/codec.ts';
import type { Log } from '../../src/observability/log.ts';
import { openJournalFile } from './journal-file.ts';
import { type DrainOrder, Life } from './life.ts';
import { CRASH_LOOP, Slot } from './slot.ts';
import type { ForkWorker, WorkerEvents } from './worker-process.ts';

/** A worker that does not exit this long after its drain deadline is killed. */
const OVERTIME_MS = 5_000;
/** Of a worker's journal in the worker: the place behind its channel in the list it is given. */
const JOURNAL_FD = '4';
/** What a dead worker left in its channel is read for so long at most. */
const CHANNEL_REST_MS = 500;

export interface SupervisorDeps {
  fork: ForkWorker;
  clock: Clock;
  log: Log;
  onMessage(life: Life, message: ToPrimary): void;
  /** The worker was told to go while others stay. */
  onDrain(life: Life): void;
  /** The process is gone; `replaced` when its slot will be filled again. */
  onExit(life: Life, replaced: boolean): void;
  /** For the first time every slot's worker serves. */
  onReady(): void;
  /** A slot's worker died again and again before that. */
  onCrashLoop(life: Life): void;
}

export interface Supervisor {
  /** Fills or retires slots until there are `count`; retired ones drain by `order`. */
  resize(count: number, order: DrainOrder): void;
  /** The worker's listener is open. */
  serving(life: Life): void;
  /** Slots that are meant to be filled. */
  slots(): readonly Slot[];
  /** All processes that are not gone: serving, starting and draining ones. */
  lives(): readonly Life[];
  /** Starts a second process for a slot, for a rolling restart: of the newest program. */
  begin(index: number): Life;
  /** Retires every slot, drains all; resolves when no process is left. */
  drainAll(order: DrainOrder): Promise<void>;
  drain(life: Life, order: DrainOrder): void;
  /** Ends every process now. */
  killAll(): void;
}

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { clock, log } = deps;
  let slots: Slot[] = [];
  const lives = new Map<number, Life>();
  let nextLife = 1;
  /** Every slot has served at least once: from now on deaths are met with patience. */
  let booted = false;

  /** Of the worker that came to serve last: who takes the place of one that died runs the same, whatever was built or installed meanwhile. */
  let program: string | undefined;

  const slotDeps = { now: () => clock.now(), begin: (index: number) => begin(index, program), onDeath };

  function begin(index: number, wanted: string | null | undefined): Life {
    const life = new Life(nextLife++, index, clock.now());
    lives.set(life.id, life);
    life.process = deps.fork(
      index,
      {
        // Of one that is gone its journal was read: what came later would be booked twice.
        onMessage: (message) => {
          if (life.state !== 'gone') deps.onMessage(life, message);
        },
        onExit: (code, signal, journal = null) => {
          life.journal = journal;
          exited(life, signal ?? `exit code ${code}`);
        },
      },
      wanted,
    );
    return life;
  }

  function exited(life: Life, end: string): void {
    const died = !life.ended;
    life.exited(end);
    lives.delete(life.id);
    const fields = {
      worker: life.index,
      workerPid: life.pid,
      end,
      ...(life.reason === '' ? {} : { reason: life.reason }),
    };
    if (died) log.error(fields, 'worker died');
    else log.info(fields, 'worker ended');
    const slot = slots.find((one) => one.current === life);
    slot?.exited(life);
    deps.onExit(life, slot !== undefined && !slot.retired && died);
    life.journal = null;
    if (slot !== undefined && died && !booted && slot.deaths >= CRASH_LOOP) deps.onCrashLoop(life);
  }

  function onDeath(slot: Slot, _life: Life, delayMs: number): void {
    log.warn({ worker: slot.index, deaths: slot.deaths, delayMs }, 'worker will be replaced');
  }

  function drain(life: Life, order: DrainOrder): void {
    life.drain(order, clock.now() + order.preStopMs + order.drainTimeoutMs + OVERTIME_MS);
    if (order.reason === 'roll') deps.onDrain(life);
  }

  return {
    resize(count, order): void {
      for (const slot of slots.slice(count)) {
        const life = slot.retire();
        if (life !== null) drain(life, order);
      }
      slots = slots.slice(0, count);
      while (slots.length < count) {
        const slot = new Slot(slots.length, slotDeps);
        slots.push(slot);
        slot.fill();
      }
    },
    serving(life): void {
      life.serves(clock.now());
      program = life.process?.program ?? program;
      if (booted || !slots.every((slot) => slot.current?.state === 'serving')) return;
      booted = true;
      deps.onReady();
    },
    slots: () => slots,
    lives: () => [...lives.values()],
    begin: (index) => begin(index, null),
    async drainAll(order): Promise<void> {
      for (const slot of slots) slot.retire();
      for (const life of lives.values()) drain(life, order);
      await Promise.all([...lives.values()].map((life) => life.gone));
    },
    drain,
    killAll(): void {
      for (const slot of slots) slot.retire();
      for (const life of lives.values()) {
        life.ended = true;
        life.kill();
      }
    },
  };
}

export interface ForkOptions {
  /** Path of the worker's entry, chosen anew for each (ForkWorker). */
  exec: (program: string | null | undefined) => string;
  /** Added to our own environment. */
  env: Readonly<Record<string, string>>;
  execArgv: readonly string[];
  log: Log;
}

/** Forks worker processes that speak our IPC. */
export function createFork(options: ForkOptions): ForkWorker {
  // Not loaded where the one worker is in this process (near-worker.ts).
  // Its types describe it as it is imported, with a default.
  const cluster = process.getBuiltinModule('node:cluster') as unknown as typeof Cluster;
  cluster.setupPrimary({
    args: [],
    execArgv: [...options.execArgv],
    // Messages are Buffers packed by our codec; only this serialization keeps them bytes.
    serialization: 'advanced',
  });
  // What goes to all of them is packed once: of a hundred thousand keys that is megabytes.
  const sent = new WeakMap<ToWorker, Buffer>();
  const packed = (message: ToWorker): Buffer => {
    const before = sent.get(message);
    if (before !== undefined) return before;
    const bytes = packMessage(message);
    sent.set(message, bytes);
    return bytes;
  };
  return (index, events, program) => {
    const exec = options.exec(program);
    const journal = openJournalFile();
    // Each has a file of its own; all else stays as it was set.
    cluster.setupPrimary({
      exec,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...(journal === null ? [] : [journal.fd])],
    });
    const worker = cluster.fork({
      ...options.env,
      HEADGATE_WORKER_INDEX: String(index),
      HEADGATE_JOURNAL_FD: journal === null ? '' : JOURNAL_FD,
    });
    const child = worker.process;
    worker.on('message', (bytes: unknown) => {
      let message: ToPrimary;
      try {
        message = unpackToPrimary(bytes);
      } catch (err) {
        options.log.error({ err, worker: index }, 'message from a worker could not be read');
        return;
      }
      events.onMessage(message);
    });
    // A broken channel is followed by an exit or by silence; both are handled elsewhere.
    worker.on('error', (err) => options.log.warn({ err, worker: index }, 'channel to a worker failed'));
    onceEnded(child, (code, signal) => {
      // Who ends well has told all.
      const left = code === 0 ? null : (journal?.read() ?? null);
      journal?.close();
      events.onExit(code, signal, left);
    });
    return {
      pid: child.pid ?? 0,
      program: exec,
      send: (message) => {
        if (worker.isConnected()) worker.send(packed(message), () => undefined);
      },
      kill: (signal) => void child.kill(signal),
    };
  };
}

/** Calls `ended` once, when the process is gone and what it had sent before has been read. */
function onceEnded(child: ChildProcess, ended: WorkerEvents['onExit']): void {
  let channelOpen = true;
  let exit: { code: number | null; signal: string | null } | null = null;
  let told = false;
  const tell = (): void => {
    if (told || exit === null) return;
    told = true;
    ended(exit.code, exit.signal);
  };
  child.once('disconnect', () => {
    channelOpen = false;
    tell();
  });
  child.once('exit', (code, signal) => {
    exit = { code, signal };
    if (channelOpen) behindReads(CHANNEL_REST_MS, tell);
    else tell();
  });
  child.once('error', (err) => {
    if (child.pid !== undefined) return;
    exit = { code: null, signal: `could not be started: ${err.message}` };
    tell();
  });
}
