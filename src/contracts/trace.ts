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
}

/** Decides at the head of a call whether its spans are recorded, before anything is built for them. */
export interface Tracing {
  /** Null = not recorded, and the call came without a trace. */
  begin(headers: { get(name: string): string | undefined }): CallTrace | null;
}
