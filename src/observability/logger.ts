// Lines to stdout, JSON or readable, and the only file that knows pino: every line redacted, then handed to the sink,
// which is bounded and flushed once a second. A reader that stalls costs log lines (counted), never a request.
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import type Pino from 'pino';
import type { LogFormat } from '../contracts/log-config.ts';
import { errorFields } from './error-fields.ts';
import { LineSink } from './line-sink.ts';
import type { Log } from './log.ts';
import { readableLine, wantsReadable } from './readable-line.ts';
import { redact } from './redact.ts';

export interface LoggerOptions {
  /** `trace` to `fatal`, or `silent`. */
  level: string;
  /** Readable lines or JSON; JSON by default. */
  format?: LogFormat;
  /** File descriptor; stdout by default. */
  destination?: number;
  /** Fields on every line, e.g. the worker's index. */
  base?: Readonly<Record<string, string | number>>;
  /** Bytes that may wait for a slow reader; lines beyond are dropped. */
  maxBufferedBytes?: number;
}

export interface Logger extends Log {
  /** Lines dropped so far because the destination was slow or gone. */
  dropped(): number;
  /** Also masks these values from now on: our own keys, whatever they look like. */
  maskWith(mask: (text: string) => string): void;
  /** Writes what is buffered and blocks for it: the last act before the process ends by a fault. */
  flushSync(): void;
  /** Writes what is buffered; gives the rest up after `timeoutMs`, so that a stalled reader cannot hold the exit. */
  close(timeoutMs: number): Promise<void>;
}

/** Imported, Node would read its source for names of exports first: 50 ms of the start, and the reader stays in memory. */
const pino = createRequire(import.meta.url)('pino') as typeof Pino;

const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** Makes the logger of a process. Call `close` (or `flushSync` in a fault) before exit, or buffered lines are lost. */
export function createLogger(options: LoggerOptions): Logger {
  const fd = options.destination ?? 1;
  const terminal = isatty(fd);
  const readable = wantsReadable(options.format ?? 'json', terminal);
  const colour = terminal && !process.env['NO_COLOR'];
  const sink = new LineSink({
    fd,
    maxBytes: options.maxBufferedBytes ?? MAX_BUFFERED_BYTES,
  });
  let mask = (text: string): string => text;

  const log = pino(
    {
      level: options.level,
      base: options.base ?? null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
      // The finished line, so that no field, message or binding can slip past.
      hooks: {
        streamWrite: readable
          ? (line) => readableLine(redact(mask(line)), colour)
          : (line) => redact(mask(line)),
      },
    },
    sink,
  );

  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    fatal: (fields, message) => log.fatal(fields, message),
    child: (fields) => log.child(fields),
    dropped: () => sink.dropped,
    maskWith(next) {
      mask = next;
    },
    flushSync: () => sink.flushSync(),
    close: (timeoutMs) => sink.close(timeoutMs),
  };
}
