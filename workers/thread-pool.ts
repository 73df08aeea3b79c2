// The threads of one worker process, for work on large bodies. It queues by itself,
// because piscina 5.3 bounds neither the queue of tasks that carry an abort signal nor spares the thread of a task that
// is aborted while it runs.
import { extname } from 'node:path';
import type {
  Asked,
  BodyFacts,
  BodyTask,
  EncodedRequest,
  EncodeTarget,
  ToolMemory,
} from '../src/contracts/body.ts';
import type { AnswerFacts } from '../src/contracts/chat.ts';
import type { AnswerContext, DialectName } from '../src/contracts/dialect.ts';
import { GatewayError } from '../src/contracts/errors.ts';
import type { GuardFinds, GuardLook } from '../src/contracts/guard-look.ts';
import type { Offload } from '../src/contracts/ports.ts';
import type { VectorHit, VectorScan } from '../src/contracts/vectors.ts';
import { behindReads } from '../src/ipc/behind-reads.ts';
import { loadPiscina, ownsMemory, type Piscina } from './tasks/piscina.ts';
import { type TaskAnswer, unpackError } from './tasks/task-answer.ts';
import { ThreadQueue, type Waiting } from './thread-queue.ts';

export interface ThreadPoolOptions {
  threads: number;
  /** Tasks that may wait for a thread; one more is GW_GATEWAY_BUSY. */
  maxQueue: number;
  /** Bytes of all bodies that wait, likewise: they are the work ahead of the last. Default without a bound. */
  maxQueueBytes?: number;
  /** Monotonic ms. */
  now?: () => number;
  /** A task that runs longer is ended together with its thread, and a new thread takes its place. */
  taskTimeoutMs?: number;
  /** A thread died without a task, or could not start. For the log. */
  onThreadError?: (error: unknown) => void;
}

export interface ThreadPool extends Offload {
  /** Starts all threads and loads the task code. Without it the first task does. */
  warm(): Promise<void>;
  stats(): { running: number; queued: number };
}

type Task = BodyTask | BodilessTask;

/** What there is to do without a body. */
type BodilessTask = { op: 'warm' } | { op: 'guard'; look: GuardLook } | { op: 'nearest'; wanted: VectorScan };

interface Job extends Waiting {
  readonly task: Task;
  readonly signal: AbortSignal | null;
  readonly onAbort: () => void;
  readonly resolve: (answer: TaskAnswer) => void;
  readonly reject: (error: GatewayError) => void;
}

const TASK_TIMEOUT_MS = 30_000;
const BUSY_RETRY_AFTER_MS = 1_000;

/** Bodies that may wait for a thread: a second of work (0.2 ms for 150 KB, 5 ms for 4 MB). Fewer once it shows that they wait (`overload.waitMs`). */
const MAX_THREAD_QUEUE = 4_096;
const MAX_THREAD_QUEUE_BYTES = 256 * 1024 * 1024;

/** What a worker's pool is bounded by. */
export function poolOf(threads: number): ThreadPoolOptions {
  return { threads, maxQueue: MAX_THREAD_QUEUE, maxQueueBytes: MAX_THREAD_QUEUE_BYTES };
}

/** Threads for bodies above `offloadBytes`. They start with the first task or with warm(), and end with close(). */
export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  return new BodyThreads(options);
}

class BodyThreads implements ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #now: () => number;
  readonly #waiting: ThreadQueue<Job>;
  #pool: Piscina<Task, TaskAnswer> | null = null;
  #running = 0;
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#waiting = new ThreadQueue(options.threads);
    this.#now = options.now ?? (() => performance.now());
  }

  async warm(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.threads }, () => this.#run({ op: 'warm' }, null)));
  }

  stats(): { running: number; queued: number } {
    return { running: this.#running, queued: this.#waiting.size };
  }

  get waitMs(): number {
    return this.#waiting.waitMs;
  }

  async inspect(
    body: Buffer,
    normalise: boolean,
    signal: AbortSignal,
  ): Promise<{ body: Buffer; facts: BodyFacts }> {
    const answer = await this.#run({ op: 'inspect', body, normalise }, signal);
    if (answer.op !== 'inspect') throw unexpected(answer);
    const { buffer, byteOffset, byteLength } = answer.body;
    return { body: Buffer.from(buffer, byteOffset, byteLength), facts: answer.facts };
  }

  async translate(
    body: Buffer,
    exotic: boolean,
    from: DialectName,
    to: DialectName,
    target: EncodeTarget,
    signal: AbortSignal,
    operations?: Asked,
  ): Promise<{ body: Buffer; encoded: EncodedRequest }> {
    const task: BodyTask = { op: 'translate', body, exotic, from, to, target };
    const answer = await this.#run(operations === undefined ? task : { ...task, operations }, signal);
    if (answer.op !== 'translate') throw unexpected(answer);
    return { body, encoded: answer.encoded };
  }

  async translateAnswer(
    body: Buffer,
    from: DialectName,
    to: DialectName,
    operations: Asked,
    context: AnswerContext,
    tools: ToolMemory | null,
    signal: AbortSignal,
  ): Promise<{ body: Buffer; facts: AnswerFacts }> {
    const task: BodyTask = { op: 'answer', body, from, to, operations, context, tools };
    const answer = await this.#run(task, signal);
    if (answer.op !== 'answer') throw unexpected(answer);
    const { buffer, byteOffset, byteLength } = answer.body;
    return { body: Buffer.from(buffer, byteOffset, byteLength), facts: answer.facts };
  }

  async joinEmbeddings(
    bodies: readonly Buffer[],
    counts: readonly number[],
    dialect: DialectName,
    context: AnswerContext,
    signal: AbortSignal,
  ): Promise<Buffer> {
    let end = 0;
    const ends = bodies.map(({ length }) => (end += length));
    const task: BodyTask = { op: 'join', body: Buffer.concat(bodies), ends, counts, dialect, context };
    const answer = await this.#run(task, signal);
    if (answer.op !== 'join') throw unexpected(answer);
    const { buffer, byteOffset, byteLength } = answer.body;
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  async countTokens(body: Buffer, dialect: DialectName, model: string, signal: AbortSignal): Promise<number> {
    const answer = await this.#run({ op: 'count', body, dialect, model }, signal);
    if (answer.op !== 'count') throw unexpected(answer);
    return answer.tokens;
  }

  async guard(look: GuardLook, signal: AbortSignal): Promise<GuardFinds> {
    const answer = await this.#run({ op: 'guard', look }, signal);
    if (answer.op !== 'guard') throw unexpected(answer);
    return answer.finds;
  }

  async nearest(wanted: VectorScan): Promise<VectorHit[]> {
    const answer = await this.#run({ op: 'nearest', wanted }, null);
    if (answer.op !== 'nearest') throw unexpected(answer);
    return answer.hits;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.clear()) job.reject(new GatewayError('GW_GATEWAY_DRAINING'));
    await this.#pool?.destroy();
  }

  #run(task: Task, signal: AbortSignal | null): Promise<TaskAnswer> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        task,
        isNew: task.op === 'inspect',
        bytes: 'body' in task ? task.body.byteLength : 0,
        signal,
        onAbort: () => {
          // A running task is not stopped, its answer only finds nobody: that would cost the thread.
          this.#waiting.remove(job);
          reject(new GatewayError('GW_CLIENT_GONE'));
        },
        resolve,
        reject,
      };
      if (this.#closed) {
        reject(new GatewayError('GW_GATEWAY_DRAINING'));
      } else if (signal?.aborted === true) {
        reject(new GatewayError('GW_CLIENT_GONE'));
      } else if (this.#running < this.#options.threads) {
        signal?.addEventListener('abort', job.onAbort, { once: true });
        this.#start(job);
      } else if (this.#hasRoom(job)) {
        signal?.addEventListener('abort', job.onAbort, { once: true });
        this.#waiting.add(job);
      } else {
        reject(new GatewayError('GW_GATEWAY_BUSY', { retryAfterMs: BUSY_RETRY_AFTER_MS }));
      }
    });
  }

  #start(job: Job): void {
    this.#running++;
    this.#pool ??= this.#open();
    const { message, transfer } = pack(job.task);
    const deadline = new AbortController();
    const timer = behindReads(this.#options.taskTimeoutMs ?? TASK_TIMEOUT_MS, () => deadline.abort());
    timer.unref();
    const began = this.#now();
    this.#pool
      .run(message, { transferList: transfer, signal: deadline.signal })
      .then(
        (answer) => {
          if (answer.op === 'refused') job.reject(unpackError(answer.error));
          else job.resolve(answer);
        },
        (cause: unknown) => job.reject(this.#failure(cause, deadline.signal.aborted)),
      )
      .finally(() => {
        timer.clear();
        job.signal?.removeEventListener('abort', job.onAbort);
        this.#running--;
        const now = this.#now();
        this.#waiting.done(job, now - began, now);
        const next = this.#waiting.take();
        if (next !== null) this.#start(next);
      });
  }

  /** A body that is larger than the whole bound waits where nobody else does. */
  #hasRoom(job: Job): boolean {
    const { maxQueue, maxQueueBytes = Number.POSITIVE_INFINITY } = this.#options;
    const { size, bytes } = this.#waiting;
    if (size === 0) return maxQueue > 0;
    return size < maxQueue && bytes + job.bytes <= maxQueueBytes;
  }

  #failure(cause: unknown, late: boolean): GatewayError {
    if (this.#closed) return new GatewayError('GW_GATEWAY_DRAINING', { cause });
    const message = late ? 'The request took too long to process.' : undefined;
    return new GatewayError('GW_GATEWAY_INTERNAL', { message, cause });
  }

  #open(): Piscina<Task, TaskAnswer> {
    const { Piscina } = loadPiscina();
    const { threads, onThreadError } = this.#options;
    const pool = new Piscina<Task, TaskAnswer>({
      // In dist the task is compiled; rewriteRelativeImportExtensions does not reach into a URL.
      filename: new URL(`./tasks/body-task${extname(import.meta.url)}`, import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      recordTiming: false,
    });
    // Without a listener a thread that dies between tasks would end the process.
    pool.on('error', (error: unknown) => onThreadError?.(error));
    return pool;
  }
}

/** The message to the thread and what is moved with it: an inspected body and an answer itself, of any other task a copy. */
function pack(task: Task): { message: Task; transfer: ArrayBuffer[] } {
  if (!('body' in task)) return { message: task, transfer: [] };
  const mayMove = task.op === 'inspect' || task.op === 'answer' || task.op === 'join';
  const body = mayMove && ownsMemory(task.body) ? task.body : copyOf(task.body);
  return { message: { ...task, body }, transfer: [body.buffer] };
}

function copyOf(body: Buffer): Buffer<ArrayBuffer> {
  const copy = Buffer.from(new ArrayBuffer(body.byteLength));
  body.copy(copy);
  return copy;
}

function unexpected(answer: TaskAnswer): GatewayError {
  return new GatewayError('GW_GATEWAY_INTERNAL', { cause: new Error(`unexpected answer "${answer.op}"`) });
}
