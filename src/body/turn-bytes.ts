// How much of a large body a socket moves in one turn of the event loop while it goes on: whoever comes meanwhile waits for the
// rest of the turn. A turn without anything else to do costs some 10 us.

/** About a tenth of a millisecond of copying, on loopback with the other side's work in the kernel. */
export const TURN_BYTES = 128 * 1024;
