// Answers a call with what was kept: like any other answer, with what it needs in its head, and settled with no use of anything.
import type { Admission } from '../../contracts/admission.ts';
import type { CachedAnswer } from '../../contracts/cache.ts';
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts, Usage } from '../../contracts/chat.ts';
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Clock } from '../../contracts/ports.ts';
import { describeLosses, type Headers, streamHeadOf } from '../answer/answer-headers.ts';
import type { Settle } from '../settle.ts';
import { type InForm, inForm } from './in-form.ts';
import { PacedReplay } from './replay.ts';

export interface GiveDeps {
  clock: Clock;
  dialect(name: DialectName): Dialect;
  admission: Pick<Admission, 'headers'>;
  settle: Settle;
  /** Value of the `server-timing` header. */
  serverTiming(call: Call, now: number): string;
  overheadMs(call: Call, now: number): number;
}

/** Nothing was asked of a model. */
const NO_USE: Usage = {
  input: 0,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: 0,
  reasoning: null,
};

/** Makes the function that answers. It returns false when the entry cannot be read; nothing was written then. */
export function createGive(
  deps: GiveDeps,
): (call: Call, entry: CachedAnswer, result: 'hit' | 'stale') => boolean {
  return (call, entry, result) => {
    let form: InForm;
    try {
      form = inForm(call, deps.dialect(call.route.dialect), entry, deps.clock.wall());
    } catch {
      return false;
    }
    call.provider = entry.provider;
    call.upstreamModel = entry.upstreamModel;
    call.translated = entry.translated;
    call.dropped = [...entry.dropped];
    call.adapted = [...entry.adapted];
    write(deps, call, entry, form, result);
    return true;
  };
}

function write(deps: GiveDeps, call: Call, entry: CachedAnswer, form: InForm, result: 'hit' | 'stale'): void {
  const { clock } = deps;
  const now = clock.now();
  const headers: Headers = form.stream
    ? streamHeadOf(form.contentType)
    : [['content-type', form.contentType]];
  headers.push(['x-headgate-provider', entry.provider], ['x-headgate-model', entry.upstreamModel]);
  describeLosses(headers, call);
  headers.push(...deps.admission.headers(call));
  // Nobody was asked for it: that is known before it begins, streamed or whole.
  if (call.operation!.billed) headers.push(['x-headgate-cost-usd', '0']);
  headers.push(['x-headgate-cache', cacheHeader(call, entry, result, clock.wall())]);
  call.firstByteAt = now;
  if (!form.stream)
    headers.push(['x-headgate-overhead-us', String(Math.round(deps.overheadMs(call, now) * 1000))]);
  headers.push(['server-timing', deps.serverTiming(call, now)]);
  const over = (error: GatewayError | null): void => {
    call.lastByteAt = clock.now();
    const facts: AnswerFacts = { usage: NO_USE, stop: entry.stop, model: entry.answerModel, id: null };
    deps.settle(call, { status: error?.status === 499 ? 499 : 200, error, facts });
  };
  const { sink } = call;
  if (form.stream && form.pace !== null && Buffer.isBuffer(form.body)) {
    new PacedReplay(call, form.body, form.pace, over).start(headers);
    return;
  }
  if (form.stream) {
    sink.start(200, headers);
    call.chunks++;
    sink.chunk(form.body);
    sink.end();
  } else sink.reply(200, headers, form.body);
  over(null);
}

/** `hit; type=exact; age=12; id=…`, age in whole seconds. */
function cacheHeader(call: Call, { id, createdMs }: CachedAnswer, result: string, wallMs: number): string {
  const { type, similarity } = call.cache!;
  const age = Math.max(0, Math.floor((wallMs - createdMs) / 1000));
  const alike = similarity === null ? '' : `; similarity=${similarity.toFixed(4)}`;
  return `${result}; type=${type}${alike}; age=${age}; id=${id}`;
}

/** Of a call that somebody was asked for. */
export function missHeader({ cache }: Call): string | null {
  if (cache === null || cache.result === 'hit' || cache.result === 'stale') return null;
  return MISS_HEADERS[cache.type][cache.result];
}

const MISS_HEADERS = {
  exact: { miss: 'miss; type=exact', bypass: 'bypass; type=exact' },
  semantic: { miss: 'miss; type=semantic', bypass: 'bypass; type=semantic' },
} as const;
