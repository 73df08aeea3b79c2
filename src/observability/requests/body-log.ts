// Bodies for the request log, of those calls that the configuration names: redacted, cut to size, and left in the spool beside
// the rows. Where nothing is named there is no tap, and nothing is asked.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Call, SinkDecorator } from '../../contracts/call.ts';
import type { BodyRule } from '../../contracts/log-config.ts';
import type { RequestSpool } from '../../contracts/gateway.ts';
import type { KeptBody } from '../../contracts/log-store.ts';
import type { CallObserver } from '../../contracts/ports.ts';
import { redact } from '../redact.ts';
import { type SpanContent, spanContent } from '../traces/content.ts';
import { type Beginning, BodyTap, MARGIN_BYTES } from './body-tap.ts';

export interface BodyLog {
  readonly decorate: SinkDecorator;
  readonly observer: CallObserver;
  /** As a span has it; null = nothing is kept of this call. */
  contentOf(call: Call): SpanContent | null;
}

/** @param wall ms since 1970 */
export function createBodyLog(spool: () => RequestSpool | null, wall: () => number): BodyLog {
  const taps = new WeakMap<Call, BodyTap>();
  return {
    decorate(sink, call) {
      const tap = new BodyTap(sink, call, maxBytesOf);
      taps.set(call, tap);
      return tap;
    },
    contentOf(call) {
      // Each once: an answer is put together when it is read.
      const { request = null, answer = null } = taps.get(call) ?? {};
      if (request === null && answer === null) return null;
      const [asked, said] = [request, answer].map((one) => one && shownOf(call, one).toString('utf8'));
      return spanContent(asked ?? null, said ?? null);
    },
    observer: {
      settled(call) {
        const tap = taps.get(call);
        const to = tap === undefined ? null : spool();
        if (tap === undefined || to === null) return;
        const at = wall();
        for (const kind of ['request', 'answer'] as const) {
          const beginning = tap[kind];
          if (beginning !== null) to.body(keptOf(call, at, kind, beginning));
        }
      },
    },
  };
}

/** Bytes that are kept of each body of the call; 0 = none. */
function maxBytesOf(call: Call): number {
  const key = call.principal?.name ?? '';
  const { template } = call.route;
  const rule = call.snapshot.config.log.bodies.find(
    ({ keys, routes }: BodyRule) => matchesAny(keys, key) && matchesAny(routes, template),
  );
  return rule?.maxBytes ?? 0;
}

function matchesAny(patterns: readonly string[] | null, text: string): boolean {
  return patterns === null || patterns.some((pattern) => fits(pattern, text));
}

/** `*` stands for any run of characters, at the end of a pattern or anywhere in it. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return first === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop()!;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}

/**
 * What may be kept of a body: without keys of providers and what else looks like a credential, with placeholders where a guardrail
 * took values out of the request and gave them back to the client.
 */
function shownOf(call: Call, { bytes, length, maxBytes }: Beginning): Buffer {
  const masked = call.snapshot.mask(bytes);
  const clean = call.guard?.concealBytes(masked) ?? masked;
  const text = clean.toString('latin1');
  const redacted = redact(text);
  const shown = redacted === text ? clean : Buffer.from(redacted, 'latin1');
  if (length <= maxBytes) return shown;
  // The margin is not kept, however much shorter all became: what stands at its end may be the half of something.
  const end = length > maxBytes + MARGIN_BYTES ? Math.max(0, shown.length - MARGIN_BYTES) : shown.length;
  return shown.subarray(0, Math.min(maxBytes, end));
}

function keptOf(call: Call, at: number, kind: KeptBody['kind'], beginning: Beginning): KeptBody {
  const { bytes, length, maxBytes } = beginning;
  const truncated = length > maxBytes;
  const shown = shownOf(call, beginning);
  const whole = truncated ? wholeCharacters(shown) : shown;
  const encoding = isUtf8(whole) ? 'utf8' : 'base64';
  return {
    call: call.id,
    at,
    kind,
    bytes: length,
    truncated,
    sha256: createHash('sha256').update(bytes.subarray(0, maxBytes)).digest('hex'),
    encoding,
    // No database keeps a NUL in a text.
    text: encoding === 'utf8' ? whole.toString('utf8').replaceAll('\0', '\uFFFD') : shown.toString('base64'),
  };
}

/** Without the half of a character that a cut leaves at the end. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}
