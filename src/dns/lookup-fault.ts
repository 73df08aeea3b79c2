// Why a name has no address.

/** `ENOTFOUND`: it does not exist. `EAI_AGAIN`: nobody could say. As the system's own look-up calls them. */
export type LookupCode = 'ENOTFOUND' | 'EAI_AGAIN';

/** `message` is for logs: it holds the name. */
export class LookupFault extends Error {
  readonly code: LookupCode;
  readonly hostname: string;

  constructor(code: LookupCode, hostname: string, reason: string) {
    super(`the name ${hostname} ${reason}`);
    this.name = 'LookupFault';
    this.code = code;
    this.hostname = hostname;
  }
}
