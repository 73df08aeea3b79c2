// A process with one errand, started by receive-buffer.ts: sets how many bytes the kernel holds of a listening socket that it was given
// as descriptor 3, and ends. Node shows the call (SO_RCVBUF) for UDP alone, but what it does is the same for every socket. It cannot be made where
// the socket is used: an event loop watches no descriptor twice. And there is no other way to ask, because what is open here is closed with the handle.

/** As much of Node's own UDP handle as is needed here. */
interface Handle {
  /** @returns 0, or below 0 what the system said */
  open(descriptor: number): number;
  /** @param bytes 0 = only asks. @returns undefined when `problem` says why not */
  bufferSize(bytes: number, receive: boolean, problem: { code?: string }): number | undefined;
}

const SOCKET = 3;

// Public, though deprecated: Node keeps it for modules that need what has no other door (checked with Node 22, 24 and 26).
const { UDP } = (process as unknown as { binding(name: 'udp_wrap'): { UDP: new () => Handle } }).binding(
  'udp_wrap',
);
const handle = new UDP();
const problem: { code?: string } = {};
const done =
  handle.open(SOCKET) === 0 && handle.bufferSize(Number(process.argv[2]), true, problem) !== undefined;
process.exitCode = done ? 0 : 1;
