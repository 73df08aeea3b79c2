// What holds for every WebSocket, whichever listener opened it.

/** The largest frame. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** How long one may be silent, pings answered included. */
export const IDLE_MS = 120_000;
/** How old one may get. */
export const LIFETIME_MS = 3_900_000;
/** How old one of turns gets before its client is told to open another one, as the vendor has it. */
export const TURNS_LIFETIME_MS = 3_600_000;
/** As of streams: beyond the one the turn is paused, below the other it goes on. */
export const HIGH_WATER_BYTES = 64 * 1024;
export const LOW_WATER_BYTES = 32 * 1024;
