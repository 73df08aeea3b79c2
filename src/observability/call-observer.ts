// Turns a settled call into metrics and, when it is on, the access line. Called once per call by settle.
// Every handle is found by a map or two; nothing is built per call once its labels were seen.
import type { Call } from '../contracts/call.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { AccessLog } from './access-log.ts';
import { OVERFLOW_LABEL } from './metric-families.ts';
import { createModelLabels } from './model-labels.ts';
import { overheadMs } from './overhead.ts';
import { ProviderSeries } from './provider-series.ts';
import type { CounterHandle, HistogramHandle, Recorder } from './recorder.ts';
import { savedMs } from './saved-time.ts';
import { methodLabel, statusClass } from './status-class.ts';
import { TargetSeries } from './target-series.ts';

export interface CallObserverDeps {
  recorder: Recorder;
  /** Null when access lines are off: they then cost nothing. */
  accessLog: AccessLog | null;
}

/** Label of calls that never came as far as a provider. */
const NO_PROVIDER = 'none';

interface HttpSeries {
  requests: CounterHandle;
  duration: HistogramHandle;
}

/** Makes the observer of one worker. */
export function createCallObserver({ recorder, accessLog }: CallObserverDeps): CallObserver {
  const http = new Map<string, Map<string, HttpSeries>>();
  // What the last call was counted under, which is nearly always what this one is: saves two strings and their hashes.
  let lastHttp: { template: string; method: string; status: string; series: HttpSeries } | null = null;
  let lastOverhead: {
    dialect: string;
    stream: boolean;
    translated: boolean;
    series: HistogramHandle;
  } | null = null;
  const providers = new Map<string, ProviderSeries>();
  const labels = createModelLabels();
  const models = new Map<string, Map<string, TargetSeries>>();
  const overheads = new Map<string, HistogramHandle>();

  function observeHttp(call: Call): void {
    const { template } = call.route;
    const { method } = call.head;
    const status = statusClass(call.status || (call.error?.status ?? 0));
    let last = lastHttp;
    if (last === null || last.template !== template || last.method !== method || last.status !== status) {
      lastHttp = last = { template, method, status, series: httpOf(template, methodLabel(method), status) };
    }
    last.series.requests.add(1);
    last.series.duration.observe((call.settledAt - call.startedAt) / 1000);
  }

  function httpOf(template: string, method: string, status: string): HttpSeries {
    let ofRoute = http.get(template);
    if (ofRoute === undefined) http.set(template, (ofRoute = new Map()));
    const key = method + status;
    let series = ofRoute.get(key);
    if (series === undefined) {
      const labels = [template, method, status] as const;
      series = {
        requests: recorder.counter('headgate_http_requests_total', labels),
        duration: recorder.histogram('headgate_http_request_duration_seconds', labels),
      };
      ofRoute.set(key, series);
    }
    return series;
  }

  function targetOf({ model, snapshot }: Call, provider: string): TargetSeries {
    const known = models.get(model)?.get(provider);
    if (known !== undefined) return known;
    const label = labels.label(model, snapshot.config);
    let byProvider = models.get(label);
    if (byProvider === undefined) models.set(label, (byProvider = new Map()));
    let target = byProvider.get(provider);
    if (target === undefined) {
      const series = labels.stated(label) ? recorder : recorder.modest;
      byProvider.set(provider, (target = new TargetSeries(series, provider, label)));
    }
    return target;
  }

  function providerOf(name: string): ProviderSeries {
    let series = providers.get(name);
    if (series === undefined) providers.set(name, (series = new ProviderSeries(recorder, name)));
    return series;
  }

  function observeOverhead(call: Call): void {
    const { dialect } = call.route;
    const { stream, translated } = call;
    let last = lastOverhead;
    if (
      last === null ||
      last.dialect !== dialect ||
      last.stream !== stream ||
      last.translated !== translated
    ) {
      lastOverhead = last = { dialect, stream, translated, series: overheadOf(dialect, stream, translated) };
    }
    last.series.observe(overheadMs(call, call.lastByteAt || call.settledAt) / 1000);
  }

  function overheadOf(dialect: string, stream: boolean, translated: boolean): HistogramHandle {
    const labels = [dialect, String(stream), String(translated)] as const;
    const key = labels.join(' ');
    let histogram = overheads.get(key);
    if (histogram === undefined) {
      histogram = recorder.histogram('headgate_overhead_seconds', labels);
      overheads.set(key, histogram);
    }
    return histogram;
  }

  function observeDropped(call: Call): void {
    const upstream = call.plan?.targets.find(({ provider }) => provider.name === call.provider);
    const to = upstream?.dialect.name ?? OVERFLOW_LABEL;
    for (const path of call.dropped) {
      // `messages[3].name` and `messages[4].name` are one field.
      const field = path.replace(/\[\d+\]/g, '[]').slice(0, 80);
      recorder.counter('headgate_fields_dropped_total', [call.route.dialect, to, field]).add(1);
    }
  }

  function observeSaved(call: Call): void {
    const { type, savedNano } = call.cache!;
    const ms = savedMs(call);
    if (ms !== null) recorder.counter('headgate_cache_saved_seconds_total', [type]).add(ms / 1000);
    if (savedNano !== null) recorder.counter('headgate_cache_saved_usd_total', [type]).add(savedNano / 1e9);
  }

  function observeModelCall(call: Call): void {
    const target = targetOf(call, call.provider === '' ? NO_PROVIDER : call.provider);
    target.ended(call);
    observeOverhead(call);
    if (call.usage !== null) target.used(call.usage);
    if (call.quantities !== null) target.usedBeside(call.quantities);
    if (call.dropped.length > 0) observeDropped(call);
    if (call.cache !== null) observeSaved(call);
    for (let at = 0; at < call.attempts.length; at++) {
      const attempt = call.attempts[at]!;
      // Under the public name of the call: upstream model names are the client's choice where a provider takes any.
      const attempted = attempt.provider === call.provider ? target : targetOf(call, attempt.provider);
      attempted.attempted(call, attempt);
      providerOf(attempt.provider).attempted(attempt, at === 0 ? null : call.attempts[at - 1]!);
    }
    if (call.stream && call.firstByteAt > 0) {
      target.streamed(call);
      providerOf(call.provider).streamEnded(call);
    }
  }

  return {
    settled(call) {
      observeHttp(call);
      if (call.operation !== null) observeModelCall(call);
      accessLog?.write(call);
    },
  };
}
