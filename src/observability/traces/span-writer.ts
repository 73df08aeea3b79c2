// The spans of a settled call, written as they go out: one of its own, and one below it for each attempt at a provider.
// Times are in the call and its attempts already; nothing is kept while it runs but ids (opentelemetry/proto/trace/v1).
import { sessionOf } from '../../body/session.ts';
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import type { StopReason, Usage } from '../../contracts/chat.ts';
import type { Config } from '../../contracts/config.ts';
import type { AskedParameters, CallTrace } from '../../contracts/trace.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import {
  countAttribute,
  flagAttribute,
  listAttribute,
  numberAttribute,
  textAttribute,
} from '../otlp/common.ts';
import { outputRate } from '../output-rate.ts';
import { attemptEnd, overheadMs } from '../overhead.ts';
import { methodLabel } from '../status-class.ts';
import { type NameTable, operationNameOf, providerNameOf } from './semantic-names.ts';
import { attemptSpanId } from './traceparent.ts';

import type { SpanContent } from './content.ts';
/** `spans` of ScopeSpans. */
const SPAN = 2;
const ATTRIBUTE = 9;
const SERVER = 2;
const CLIENT = 3;
const STATUS_ERROR = 2;
/** Words a caller stops at that stand in a span; no vendor takes more than a few. */
const MAX_STOPS = 16;

interface Server {
  readonly system: string;
  readonly host: string;
  readonly port: number;
}

export interface SpanWriter {
  /** Of a call that is recorded and settled. @returns number of its spans. */
  write(call: Call, trace: CallTrace): number;
  /** Bytes written since the last `take`. */
  readonly length: number;
  /** `spans` of a ScopeSpans, without its head. */
  take(): Buffer;
}

/**
 * @param epochMs ms since 1970 at 0 of the calls' own clock.
 * @param contentOf what was asked and said, of calls whose content may be told; absent = of none.
 */
export function createSpanWriter(
  names: NameTable,
  epochMs: () => number,
  contentOf: (call: Call) => SpanContent | null = () => null,
): SpanWriter {
  const to = new ProtobufWriter(65_536);
  const servers = new WeakMap<Config, Map<string, Server>>();

  const serverOf = ({ snapshot: { config } }: Call, provider: string): Server | undefined => {
    let known = servers.get(config);
    if (known === undefined) servers.set(config, (known = serversOf(config)));
    return known.get(provider);
  };

  function ownSpan(call: Call, trace: CallTrace, epoch: number): void {
    const { route, head, error, principal, status } = call;
    const span = to.begin(SPAN);
    const method = methodLabel(head.method);
    opening(trace, trace.spanId, trace.parentId, `${method} ${route.template}`, SERVER);
    times(epoch + call.startedAt, epoch + (call.lastByteAt || call.settledAt));
    textAttribute(to, ATTRIBUTE, 'http.request.method', method);
    textAttribute(to, ATTRIBUTE, 'http.route', route.template);
    if (status > 0) countAttribute(to, ATTRIBUTE, 'http.response.status_code', status);
    textAttribute(to, ATTRIBUTE, 'headgate.request.id', call.id);
    textAttribute(to, ATTRIBUTE, 'headgate.dialect', route.dialect);
    if (principal !== null) textAttribute(to, ATTRIBUTE, 'headgate.client', principal.name);
    if (call.model !== '') textAttribute(to, ATTRIBUTE, 'headgate.model', call.model);
    if (call.provider !== '') textAttribute(to, ATTRIBUTE, 'headgate.provider', call.provider);
    if (call.operation !== null) {
      countAttribute(to, ATTRIBUTE, 'headgate.attempts', call.attempts.length);
      numberAttribute(
        to,
        ATTRIBUTE,
        'headgate.overhead',
        overheadMs(call, call.lastByteAt || call.settledAt) / 1000,
      );
      flagAttribute(to, ATTRIBUTE, 'headgate.translated', call.translated);
    }
    if (call.rescued !== '') textAttribute(to, ATTRIBUTE, 'headgate.rescued', call.rescued);
    if (error !== null) {
      textAttribute(to, ATTRIBUTE, 'error.type', error.errorType);
      textAttribute(to, ATTRIBUTE, 'headgate.error.code', error.code);
    }
    // What a caller did wrong is no error of the server (HTTP conventions).
    if (status >= 500 || (error !== null && status < 400)) failed(error?.code ?? String(status));
    to.end(span);
  }

  function attemptSpan(
    call: Call,
    trace: CallTrace,
    attempt: AttemptRecord,
    number: number,
    epoch: number,
  ): void {
    const last = number === call.attempts.length;
    const server = serverOf(call, attempt.provider);
    const operation = operationNameOf(call.operation!.name, call.route.dialect);
    const span = to.begin(SPAN);
    opening(trace, attemptSpanId(trace, number), trace.spanId, `${operation} ${attempt.model}`, CLIENT);
    const start = epoch + call.startedAt;
    times(start + attempt.queuedAt, start + attemptEnd(call, attempt, call.settledAt));
    textAttribute(to, ATTRIBUTE, 'gen_ai.operation.name', operation);
    textAttribute(to, ATTRIBUTE, 'gen_ai.provider.name', server?.system ?? attempt.provider);
    textAttribute(to, ATTRIBUTE, 'gen_ai.request.model', attempt.model);
    const { facts } = call;
    if (facts !== null) {
      flagAttribute(to, ATTRIBUTE, 'gen_ai.request.stream', facts.stream);
      if (facts.maxTokens !== null)
        countAttribute(to, ATTRIBUTE, 'gen_ai.request.max_tokens', facts.maxTokens);
    }
    if (trace.asked !== undefined) parameters(trace.asked);
    const session = sessionOf(call.head.headers);
    if (session !== '') textAttribute(to, ATTRIBUTE, 'gen_ai.conversation.id', session);
    if (server !== undefined && server.host !== '') {
      textAttribute(to, ATTRIBUTE, 'server.address', server.host);
      countAttribute(to, ATTRIBUTE, 'server.port', server.port);
    }
    if (attempt.status > 0) countAttribute(to, ATTRIBUTE, 'http.response.status_code', attempt.status);
    if (attempt.keyAlias !== '') textAttribute(to, ATTRIBUTE, 'headgate.key', attempt.keyAlias);
    if (attempt.sentAt > 0)
      numberAttribute(
        to,
        ATTRIBUTE,
        'headgate.queue',
        (attempt.sentAt - attempt.queuedAt - attempt.connectMs) / 1000,
      );
    if (attempt.connectMs > 0) numberAttribute(to, ATTRIBUTE, 'headgate.connect', attempt.connectMs / 1000);
    if (attempt.headAt > 0 && call.stream && last && call.firstByteAt > 0) {
      const first = call.firstByteAt - call.startedAt - attempt.sentAt;
      numberAttribute(to, ATTRIBUTE, 'gen_ai.response.time_to_first_chunk', Math.max(0, first) / 1000);
    }
    const rate = last ? outputRate(call) : null;
    if (rate !== null) numberAttribute(to, ATTRIBUTE, 'headgate.output_tokens_per_second', rate);
    if (attempt.usage !== null) usage(attempt.usage);
    if (last) {
      if (call.answerModel !== null) textAttribute(to, ATTRIBUTE, 'gen_ai.response.model', call.answerModel);
      if (call.stop !== null)
        listAttribute(to, ATTRIBUTE, 'gen_ai.response.finish_reasons', [finishReason(call.stop)]);
    }
    if (last) content(contentOf(call));
    if (attempt.errorType !== '') {
      textAttribute(to, ATTRIBUTE, 'error.type', attempt.errorType);
      failed(attempt.errorType);
    }
    to.end(span);
  }

  function opening(trace: CallTrace, spanId: string, parentId: string, name: string, kind: number): void {
    to.hex(1, trace.traceId);
    to.hex(2, spanId);
    if (trace.state !== '') to.text(3, trace.state);
    if (parentId !== '') to.hex(4, parentId);
    to.text(5, name.length > 256 ? name.slice(0, 256) : name);
    to.uint(6, kind);
  }

  function times(startMs: number, endMs: number): void {
    to.fixed64(7, nanos(startMs));
    // A clock that is read twice may stand still, never go back.
    to.fixed64(8, nanos(Math.max(startMs, endMs)));
  }

  function parameters(asked: AskedParameters): void {
    fraction('gen_ai.request.temperature', asked.temperature);
    fraction('gen_ai.request.top_p', asked.topP);
    fraction('gen_ai.request.frequency_penalty', asked.frequencyPenalty);
    fraction('gen_ai.request.presence_penalty', asked.presencePenalty);
    (names.wholeTopK ? whole : fraction)('gen_ai.request.top_k', asked.topK);
    whole('gen_ai.request.seed', asked.seed);
    if (asked.choices !== 1) whole('gen_ai.request.choice.count', asked.choices);
    if (asked.stops !== undefined)
      listAttribute(to, ATTRIBUTE, 'gen_ai.request.stop_sequences', asked.stops.slice(0, MAX_STOPS));
    if (asked.json === true) textAttribute(to, ATTRIBUTE, 'gen_ai.output.type', 'json');
  }

  function fraction(key: string, value: number | undefined): void {
    if (value !== undefined) numberAttribute(to, ATTRIBUTE, key, value);
  }

  function whole(key: string, value: number | undefined): void {
    if (value !== undefined && Number.isSafeInteger(value) && value >= 0)
      countAttribute(to, ATTRIBUTE, key, value);
  }

  function content(told: SpanContent | null): void {
    if (told === null) return;
    const { input, output, system } = told;
    const all = Number.MAX_SAFE_INTEGER;
    if (system !== '') textAttribute(to, ATTRIBUTE, 'gen_ai.system_instructions', system, all);
    if (input !== '') textAttribute(to, ATTRIBUTE, 'gen_ai.input.messages', input, all);
    if (output !== '') textAttribute(to, ATTRIBUTE, 'gen_ai.output.messages', output, all);
  }

  function usage(used: Usage): void {
    count('gen_ai.usage.input_tokens', used.input);
    count('gen_ai.usage.output_tokens', used.output);
    count('gen_ai.usage.cache_read.input_tokens', used.cacheRead);
    const { cacheWriteShort: short, cacheWriteLong: long } = used;
    if (short !== null || long !== null) count(names.cacheWriteTokens, (short ?? 0) + (long ?? 0));
    count('gen_ai.usage.reasoning.output_tokens', used.reasoning);
  }

  function count(key: string, value: number | null): void {
    // What was not told stays absent: 0 would be a statement.
    if (value !== null) countAttribute(to, ATTRIBUTE, key, value);
  }

  function failed(message: string): void {
    const status = to.begin(15);
    to.text(2, message);
    to.uint(3, STATUS_ERROR);
    to.end(status);
  }

  return {
    write(call, trace) {
      const epoch = epochMs();
      ownSpan(call, trace, epoch);
      for (let at = 0; at < call.attempts.length; at++)
        attemptSpan(call, trace, call.attempts[at]!, at + 1, epoch);
      return 1 + call.attempts.length;
    },
    get length() {
      return to.length;
    },
    take: () => to.take(),
  };
}

/** Where each provider is, without a path, a key or a query. */
function serversOf({ providers }: Config): Map<string, Server> {
  return new Map(
    providers.map(({ name, vendor, baseUrl }) => {
      const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
      const standard = url?.protocol === 'http:' ? 80 : 443;
      const port = url === null || url.port === '' ? standard : Number(url.port);
      return [name, { system: providerNameOf(vendor ?? name), host: url?.hostname ?? '', port }];
    }),
  );
}

/** As the conventions say it. */
function finishReason(stop: StopReason): string {
  switch (stop) {
    case 'end':
    case 'stop_sequence':
    case 'pause':
      return 'stop';
    case 'max_tokens':
    case 'context_full':
      return 'length';
    case 'tool_use':
      return 'tool_call';
    case 'refusal':
    case 'content_filter':
      return 'content_filter';
    default:
      return stop.replace(/^unknown:/, '');
  }
}

/** Of fractional ms, whose nanoseconds since 1970 no double holds. */
function nanos(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6));
}
