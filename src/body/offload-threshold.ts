// From which size on a body is worked on in a thread. Measured: docs/decisions/0003-offload-threshold.md.

/** Default of HEADGATE_OFFLOAD_BYTES. */
export const DEFAULT_OFFLOAD_BYTES = 65_536;
