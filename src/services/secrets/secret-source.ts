// A manager of secrets, whichever it is: one question, one text.

export interface SecretSource {
  /** Begins a reference to it: `vault:`. */
  readonly prefix: string;
  /** @param name what stands behind the prefix, without `#field`. @throws SecretFault */
  read(name: string, signal: AbortSignal): Promise<string>;
}

/** Why there is no secret, in words for people that hold none. */
export class SecretFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretFault';
  }
}

/** What sources need of the process. */
export interface SecretSourceDeps {
  env: Readonly<Record<string, string | undefined>>;
  /** ms since 1970. */
  wall(): number;
}

/** Longest wait for one secret, ms. */
export const SECRET_TIMEOUT_MS = 5_000;
/** Managers of secrets keep 64 KiB at most; in JSON and base64 that is less than this. */
export const MAX_SECRET_BYTES = 256 * 1024;
