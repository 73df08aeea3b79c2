// Where traces and metrics are sent to, beside the page for Prometheus.

/** How `traceparent` of callers counts: it decides whether a call is recorded, or a new trace begins with each call. */
export type ParentPolicy = 'follow' | 'ignore';

/** Names of the GenAI conventions: those of v1.41, which backends read today, or those of the GenAI repository. */
export type SemanticNames = 'v1.41' | 'latest';

export interface TelemetryConfig {
  /** Base URL of an OTLP receiver over HTTP, without `/v1/...`; null = nothing is sent. */
  endpoint: string | null;
  /** Sent with each request to it. */
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  serviceName: string;
  /** Further attributes of the resource. */
  resource: Readonly<Record<string, string>>;
  names: SemanticNames;
  traces: TracesConfig;
  metrics: {
    /** ms between two exports; 0 = none are sent. */
    intervalMs: number;
  };
}

export interface TracesConfig {
  enabled: boolean;
  /** Part of the calls without a trace of their own that is recorded, 0 to 1. */
  sampleRatio: number;
  parent: ParentPolicy;
  /** Providers get `traceparent`. */
  propagate: boolean;
  /** What was asked and said stands in spans, of calls whose bodies are kept. */
  content: boolean;
}
