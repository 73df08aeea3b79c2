// A program that a gateway runs beside, in the same process group and no longer than it (`headgate sidecar`).

/** Signals to this process are the program's, and its end is the gateway's. */
export interface Guest {
  /** The gateway listens. Resolves with the code to end with, once nobody needs it any more. Never rejects. */
  run(port: number): Promise<number>;
}
