// What the parts of the bench say to each other: peers are started and asked for endpoints, scenarios drive load through a
// lab and return measurements, the report draws them. Units are in the names of the fields.
import type { ChildProcess } from 'node:child_process';

/** Dialects on the wire, as the mock provider speaks and clients send them. */
export type Dialect = 'openai' | 'responses' | 'anthropic' | 'gemini' | 'bedrock';

/** What a client speaks and what the provider behind the gateway speaks: `anthropic>openai` is a translation. */
export type Route = `${Dialect}>${Dialect}`;

/** Where and how to send a request of a route to a running gateway. */
export interface Endpoint {
  port: number;
  path: string;
  /** Lower-case names; without content-type, content-length and host. */
  headers: Readonly<Record<string, string>>;
  /** The model as this gateway wants it named. */
  model: string;
}

/** Scripted behaviour of the mock provider, set while it runs (`Mock.set`): works for every gateway alike. */
export interface MockBehaviour {
  /** Before the head of an answer, ms. 0 = at once. */
  delayMs: number;
  /** Size of the content of an answer that is not streamed, bytes (1 KB … 5 MB). */
  answerBytes: number;
  /** Streams: content deltas between the role chunk and the finish chunk. */
  deltas: number;
  /** Streams: ms between deltas. 0 = all at once. */
  everyMs: number;
  /** Of so many answers one is a failure; 0 = never. */
  failEvery: number;
  /** What a failure is: a status, a reset before the head, or a cut after half of the deltas or bytes. */
  failAs: 429 | 500 | 503 | 529 | 'reset' | 'cut';
}

/** The mock provider as a process of its own. */
export interface Mock {
  readonly port: number;
  readonly child: ChildProcess;
  /** Base URL of a dialect as a gateway's configuration wants it, e.g. `http://127.0.0.1:4000/v1` for openai. */
  baseUrl(dialect: Dialect): string;
  /** The mock called directly, as a gateway would: for direct-to-mock figures. */
  endpoint(dialect: Dialect): Endpoint;
  /** Changes what is given and leaves the rest; `reset` first for the defaults. */
  set(change: Partial<MockBehaviour>): Promise<void>;
  reset(): Promise<void>;
  /** Requests answered and CPU microseconds so far: whether the mock was near its own ceiling. */
  usage(): Promise<{ requests: number; cpuMicros: number }>;
}

/** Whether a peer can be started here, and what it is. */
export type Found =
  | { readonly version: string; readonly missing?: never }
  /** Why it is left out, in words for the report. */
  | { readonly missing: string };

export interface PeerSetting {
  /** Cores the peer may use; it is pinned to them, and told their number where it has a setting for that. */
  cores: readonly number[];
  mock: Mock;
  /** A folder of its own for configuration and data. */
  folder: string;
}

/** A gateway under test: one small file in bench/peers. */
export interface Peer {
  /** As on the command line: `nginx`, `portkey`. */
  readonly name: string;
  /** One line for the report: set-up and why so. */
  readonly about: string;
  readonly routes: readonly Route[];
  /** Does not start anything and downloads nothing big; may run `--version`. */
  find(): Promise<Found>;
  /** @throws when it does not come up in time, with the end of what it wrote. */
  start(setting: PeerSetting): Promise<RunningPeer>;
}

export interface RunningPeer {
  readonly name: string;
  /** Root of its process tree: all of it is counted. */
  readonly pid: number;
  /** @returns null where this peer does not serve the route. */
  endpoint(route: Route): Endpoint | null;
  stop(): Promise<void>;
}

export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
  mean: number;
}

/** What one run of load saw. Of streams, `requests`, `perSecond` and `latencyMicros` are those that ended in the window. */
export interface LoadResult {
  requests: number;
  failed: number;
  perSecond: number;
  /** Microseconds, from the intended send time in open-loop load, from the real one in closed-loop load. */
  latencyMicros: Percentiles;
  /** Share of one core the generator itself used (0 … 1). */
  generatorBusy: number;
  /** Why the run must not count (generator above 80 % of its core, too many failures), or null. */
  void: string | null;
  /** First failure, in words. */
  firstFault: string | null;
  /** CPU of the mock meanwhile, cores (0.5 = half of one). */
  mockBusy: number;
  /** Calls that were refused for want of room, where that is no failure: see `UnaryLoad.sheds`. */
  shed?: { requests: number; latencyMicros: Percentiles };
  /** What must be known to read it: within 10 % of the mock's ceiling, the load's core full. Null when all is well. */
  flag: string | null;
}

export interface UnaryLoad {
  endpoint: Endpoint;
  dialect: Dialect;
  /** Size of the request body, bytes (default 1024). */
  bodyBytes?: number;
  /** Each body is another one, by a number in its question: of chats. */
  distinct?: boolean;
  /** Now and then a body of another size: 1 of `every`. Its latencies are kept apart and not in the result. */
  mixed?: { every: number; bodyBytes: number };
  connections: number;
  seconds: number;
  /** Before `seconds` begin, not counted. */
  warmSeconds?: number;
  /** Requests per second at fixed intended times (open loop); without it each connection sends when it has its answer. */
  perSecond?: number;
  /** Ends after so many requests instead of `seconds`. */
  total?: number;
  /** More is sent than is served: a 503 (529 to clients of Anthropic) that says when to come again is counted apart. */
  sheds?: boolean;
}

export interface StreamLoad {
  endpoint: Endpoint;
  dialect: Dialect;
  streams: number;
  seconds: number;
  /** What the mock was told: for counting what is lost. */
  deltas: number;
  everyMs: number;
}

export interface StreamResult extends LoadResult {
  /** Streams that came whole: every delta in order, the finish and the end marker. */
  complete: number;
  /** Deltas seen within the measured window. */
  deltas: number;
  /** Gaps of more than ten times the pace, in the whole run. */
  late: number;
  /** From the send of the request to the first content delta. */
  ttftMicros: Percentiles;
  /** Between deltas of one stream. */
  gapMicros: Percentiles;
  /**
   * From the mock's write of a delta to the client's read of it: each delta carries the time it was sent at. Free of the
   * mock's timer jitter, so added inter-frame latency is the difference of these. Empty (zeros) when all at once.
   */
  transitMicros: Percentiles;
}

/** Memory of a process tree, bytes of proportional set size. */
export interface MemorySample {
  pss: number;
  processes: number;
}

/** What a scenario works with. Load and mock are pinned away from the gateway. */
export interface Lab {
  readonly rounds: number;
  /** Measured seconds of one load run. */
  readonly seconds: number;
  /** One short round, to see that everything works; no number of it counts. */
  readonly quick: boolean;
  readonly gatewayCores: readonly number[];
  readonly loadCores: readonly number[];
  readonly mock: Mock;
  /** The gateways to compare that serve `route`, Headgate and the bare loop among them, as the user chose. */
  peers(route: Route): readonly Peer[];
  /** Starts a peer on the gateway cores (or the ones given); a scenario stops what it started. */
  start(peer: Peer, cores?: readonly number[]): Promise<RunningPeer>;
  /** Headgate with further configuration (YAML merged over the bench's), for scenarios about its own features. */
  startHeadgate(options: HeadgateOptions): Promise<RunningPeer>;
  /** A real redis-server on a load core, or null where none is installed. Stopped at the end. */
  startRedis(): Promise<{ url: string; pid: number; stop(): Promise<void> } | null>;
  unary(load: UnaryLoad): Promise<LoadResult>;
  /** wrk: the ceiling, with less generator than `unary`. @throws when wrk is not installed. */
  ceiling(
    load: Pick<UnaryLoad, 'endpoint' | 'dialect' | 'bodyBytes' | 'distinct' | 'connections' | 'seconds'>,
  ): Promise<LoadResult>;
  streams(load: StreamLoad): Promise<StreamResult>;
  /**
   * CPU microseconds of a whole process tree while `work` runs. Where `work` runs loads of this lab, only their measured
   * windows count (no warm-up, no tail), so dividing by `requests` or `deltas` of the result is exact.
   */
  cpuOf<T>(pid: number, work: () => Promise<T>): Promise<{ cpuMicros: number; result: T }>;
  memoryOf(pid: number): MemorySample;
  /** A line of progress. */
  say(text: string): void;
}

export interface HeadgateOptions {
  /** Shown in the report: `headgate, 3 limits`. */
  name: string;
  workers?: number;
  cores?: readonly number[];
  /** Merged over the bench's own configuration, objects deeply. */
  config?: Readonly<Record<string, unknown>>;
  env?: Readonly<Record<string, string>>;
}

/** One number of one target, with the rounds it is the median of. */
export interface Measurement {
  target: string;
  /** Names a metric of the scenario. */
  metric: string;
  /** Median of the rounds that count; null when none does. */
  value: number | null;
  rounds: readonly number[];
  /** Why it does not count, or what must be known to read it. */
  remark?: string;
}

export interface Metric {
  name: string;
  /** `us`, `ms`, `req/s`, `MB`, `KiB/stream`, `streams`, `x`. */
  unit: string;
  better: 'lower' | 'higher';
  /** The yardstick of ratios: target name. */
  against?: string;
  /** A bar of ours: of the value itself, or of the ratio to `against`. Shown as met or missed. */
  bar?: { target: string; most?: number; least?: number; ratio?: boolean };
}

/** Lines or bars, drawn by the report. */
export interface Chart {
  title: string;
  kind: 'bars' | 'lines';
  xLabel: string;
  yLabel: string;
  logX?: boolean;
  logY?: boolean;
  /** `bars`: x is a category. */
  series: readonly { name: string; points: readonly (readonly [x: number | string, y: number])[] }[];
}

export interface ScenarioResult {
  measurements: readonly Measurement[];
  charts?: readonly Chart[];
  /** What a reader must know: left out, void, unusual. */
  notes?: readonly string[];
}

/** One file in bench/scenarios. */
export interface Scenario {
  /** As on the command line: `overhead`. */
  readonly name: string;
  readonly title: string;
  /** What is measured and how; printed in the report and in bench/README.md. */
  readonly method: string;
  readonly metrics: readonly Metric[];
  run(lab: Lab): Promise<ScenarioResult>;
}
