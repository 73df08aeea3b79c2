// How long a body that nobody wants is read away behind its answer, so that its client sees the answer and no reset.

/** Until nothing came for so long, as nginx has it: a client may stand still for a while, too; ... */
export const LINGER_QUIET_MS = 5_000;
/** ... but never longer or more than this. */
export const LINGER_MS = 30_000;
export const LINGER_BYTES = 256 * 1024 * 1024;
