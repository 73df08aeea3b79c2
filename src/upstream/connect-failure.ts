// Why a connection never stood, for the log: what the client hears says no host and no errno.
import type { DialStage } from './dial.ts';

export interface ConnectFailure {
  /** Errno, OpenSSL's or our code: `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, `PROXY_REFUSED`. */
  reason: string;
  /** `host:port` that was to be reached: of the provider, or of the proxy on the way. */
  upstream: string;
  /** How far it came. */
  stage: DialStage;
  /** In words; with several addresses, what became of each. */
  detail: string;
}

const MAX_ADDRESSES = 4;
const MAX_DETAIL = 300;

export function describeFailure(fault: unknown, stage: DialStage, upstream: string): ConnectFailure {
  return { reason: codeOf(fault), upstream, stage, detail: detailOf(fault).slice(0, MAX_DETAIL) };
}

function codeOf(fault: unknown): string {
  return fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown';
}

function detailOf(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown';
  if (!(fault instanceof AggregateError)) return fault.message;
  const each = fault.errors.slice(0, MAX_ADDRESSES).map((one: unknown) => detailOf(one));
  return fault.errors.length > MAX_ADDRESSES ? `${each.join('; ')}; …` : each.join('; ');
}
