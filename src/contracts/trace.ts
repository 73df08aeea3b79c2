// Where a call stands in a distributed trace (W3C Trace Context).

/** Of a call that is traced, or that came with a trace which is not recorded. */
export interface CallTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the call's own span, 16 hexadecimal digits; of a call that is not recorded that of its caller. */
  readonly spanId: string;
  /** Of the caller's span; '' = the trace begins here. */
  readonly parentId: string;
  /** The header `tracestate` as it came; '' = none. */
  readonly state: string;
  /** Its spans are recorded. */
  readonly sampled: boolean;
  /** Providers are told of it. */
  readonly told: boolean;
  /** What its request states; absent before its first attempt, and where its spans are not recorded. */
  asked?: AskedParameters;
}

/** How a request is to be answered, as far as it says so, whatever its dialect. */
export interface AskedParameters {
  temperature?: number;
  topP?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  seed?: number;
  /** Answers to one request. */
  choices?: number;
  stops?: readonly string[];
  /** The answer is to be JSON. */
  json?: true;
}

/** Decides at the head of a call whether its spans are recorded, before anything is built for them. */
export interface Tracing {
  /** Null = not recorded, and the call came without a trace. */
  begin(headers: { get(name: string): string | undefined }): CallTrace | null;
}
