// What a model server says of its own load, beside what this gateway sees of it.

/**
 * Where it says so. `metrics`: a page of Prometheus; `loads`: GetLoads of vLLM and SGLang by gRPC; `statistics`: ModelStatistics of Triton
 * by gRPC.
 */
export const LOAD_SOURCES = ['metrics', 'loads', 'statistics'] as const;
export type LoadSource = (typeof LOAD_SOURCES)[number];

export interface LoadSignalConfig {
  source: LoadSource;
  /** The page; of gRPC the server, as `http://` or `https://`. */
  url: string;
  /** `metrics`: names whose values are requests that wait, and that are being answered; the first of each that the page has. */
  waiting: readonly string[];
  running: readonly string[];
  /** Asked so often, by each worker. */
  everyMs: number;
  /** What is older is not looked at. */
  staleMs: number;
}

/** Of all clients of a server, this gateway among them. */
export interface ServerLoad {
  running: number;
  waiting: number;
}
