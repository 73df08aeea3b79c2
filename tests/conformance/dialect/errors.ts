// Errors: written and read again, whole and inside a stream; a vendor's own, for its clients and for those of others.
import { expect, it } from 'vitest';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import { ERROR_CODES, type ErrorCode } from '../../../src/contracts/error-codes.ts';
import { GatewayError, type UpstreamFault } from '../../../src/contracts/errors.ts';
import { faultError } from '../../../src/dialects/fault-error.ts';
import type { DialectSamples, SampleError } from './samples.ts';
import { CONTEXT, eventsOf, framed, REQUEST_ID, scan, type WireEvent } from './wire.ts';

// An object's own keys are its keys.
const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

function textOf({ body }: SampleError): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function read({ errors }: Dialect, sample: SampleError): UpstreamFault {
  return errors.decode(sample.status, sample.headers, Buffer.from(textOf(sample)));
}

/** The events that say it, through the framing. */
function streamed(dialect: Dialect, error: GatewayError): WireEvent[] {
  return scan(dialect, [framed(dialect, (out) => dialect.errors.encodeStream(error, REQUEST_ID, out))]);
}

/** What comes of the events behind those before them: what was thrown, and by which. */
function thrown(feed: (event: string, data: string) => void, events: readonly WireEvent[]): unknown[] {
  return events.flatMap(({ event, data }) => {
    try {
      feed(event, data);
      return [];
    } catch (error) {
      return [error];
    }
  });
}

/** Fails unless the events are one error and no end, wherever a stream stands. */
function expectOneError(
  dialect: Dialect,
  samples: DialectSamples,
  events: readonly WireEvent[],
  message: string,
): void {
  const { chat } = dialect;
  for (const sample of Object.values(samples.streams)) {
    const before = eventsOf(sample);
    for (const count of [0, 1, Math.ceil(before.length / 2), before.length - 1]) {
      const decoder = chat.createDecoder();
      const watcher = chat.createWatcher(CONTEXT);
      for (const { event, data } of before.slice(0, count)) {
        decoder.decode(event, data);
        watcher.watch(event, data);
      }
      const ended: string[] = [];
      const readers = {
        decoder: (event: string, data: string) => {
          ended.push(...decoder.decode(event, data).map(({ kind }) => kind));
        },
        watcher: (event: string, data: string) => {
          ended.push(watcher.watch(event, data).verdict);
        },
      };
      for (const feed of Object.values(readers)) {
        const [error, ...more] = thrown(feed, events);
        expect(more).toEqual([]);
        // The error's own message is what clients read.
        expect((error as GatewayError | undefined)?.fault?.message, `behind ${count} events`).toBe(message);
      }
      expect(ended).not.toContain('end');
    }
  }
}

/** Of the dialect alone. */
export function errorsOf(dialect: Dialect, samples: DialectSamples): void {
  const { errors } = dialect;
  const named = Object.entries(samples.errors);
  const carriesId = named.some(([, { requestId }]) => requestId !== undefined);

  it.each(CODES)('%s is an error that clients of it can read, whole and as the end of a stream', (code) => {
    const error = new GatewayError(code, { message: `It failed: "é"\n${code}.`, retryAfterMs: 7_000 });
    const { status, headers, body } = errors.encode(error, REQUEST_ID);
    // Another number of the same kind where its clients know one for the case.
    const { kind } = error;
    const blamed = samples.blamesModels && (kind === 'upstream_failed' || kind === 'upstream_timeout');
    expect(Math.floor(status / 100)).toBe(blamed ? 4 : Math.floor(error.status / 100));
    const fault = errors.decode(status, headers, Buffer.from(body));
    expect(fault).toMatchObject({ dialect: dialect.name, status, message: error.publicMessage });
    expect(fault.body?.toString(), 'is its own writing').toBe(body);
    expect(fault.type ?? fault.code, 'a word to choose by').toBeTruthy();
    if (carriesId) expect(body).toContain(REQUEST_ID);
    const events = streamed(dialect, error);
    if (carriesId) expect(events.map(({ data }) => data).join('')).toContain(REQUEST_ID);
    expectOneError(dialect, samples, events, error.publicMessage);
  });

  // Some print it over several lines, which a stream's framing must not take for the end of the event.
  it.each(named)('puts "%s" into a stream whole, however it is printed', (_, sample) => {
    const body = typeof sample.body === 'string' ? sample.body : JSON.stringify(sample.body, null, 2);
    const fault = errors.decode(sample.status, sample.headers, Buffer.from(body));
    expectOneError(dialect, samples, streamed(dialect, faultError(fault)), fault.message);
  });

  it.each(named)('keeps the bytes of the refusal "%s"', (_, sample) => {
    const fault = read(dialect, sample);
    expect(fault).toMatchObject({ dialect: dialect.name, status: sample.status });
    expect(textOf(sample)).toContain(JSON.stringify(fault.message).slice(1, -1));
    const error = faultError(fault);
    const out = errors.encode(error, REQUEST_ID);
    expect(out).toMatchObject({ status: sample.status, body: textOf(sample) });
    if (sample.headers['retry-after'] !== undefined) {
      expect(out.headers['retry-after']).toBe(sample.headers['retry-after']);
    }
    expectOneError(dialect, samples, streamed(dialect, error), fault.message);
  });

  it.each(['', '<html>busy</html>', 'null', '[]', '"x"', '{}', '{"error":null}', '\u{ff}\u{0}'])(
    'makes a fault of a body that is none: %j',
    (text) => {
      const fault = errors.decode(502, {}, Buffer.from(text, 'latin1'));
      expect(fault).toMatchObject({ dialect: dialect.name, status: 502, body: null });
      expect(fault.message).not.toBe('');
      const { status, body } = errors.encode(faultError(fault), REQUEST_ID);
      expect(errors.decode(status, {}, Buffer.from(body))).toMatchObject({ message: fault.message });
      expect(status).toBe(502);
    },
  );
}

/** What an upstream that speaks `from` refuses with, for a client of `to`. */
export function errorsBetween(
  from: Dialect,
  to: Dialect,
  all: Readonly<Record<string, DialectSamples>>,
): void {
  it.each(Object.entries(all[from.name]!.errors))('tells the refusal "%s"', (_, sample) => {
    const fault = read(from, sample);
    const error = faultError(fault);
    const { status, headers, body } = to.errors.encode(error, REQUEST_ID);
    expect(Math.floor(status / 100)).toBe(Math.floor(sample.status / 100));
    const told = to.errors.decode(status, headers, Buffer.from(body));
    expect(told).toMatchObject({ dialect: to.name, message: fault.message });
    expect(told.body?.toString()).toBe(body);
    if (sample.headers['retry-after'] !== undefined) {
      expect(headers['retry-after']).toBe(sample.headers['retry-after']);
    }
    expectOneError(to, all[to.name]!, streamed(to, error), fault.message);
  });
}
