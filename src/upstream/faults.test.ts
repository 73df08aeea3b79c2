import { describe, expect, it } from 'vitest';
import { LookupFault } from '../dns/lookup-fault.ts';
import { isUnreachable, type Progress, upstreamFault } from './faults.ts';
import { WireFault } from './wire-fault.ts';

const system = (code: string): Error => Object.assign(new Error('x'), { code });

describe('what ended an exchange', () => {
  it.each<[cause: Error, progress: Progress, code: string, retry: string]>([
    [system('ECONNREFUSED'), 'connecting', 'GW_UPSTREAM_CONNECT', 'same'],
    [system('CERT_HAS_EXPIRED'), 'connecting', 'GW_UPSTREAM_CONNECT', 'next'],
    [system('ERR_TLS_CERT_ALTNAME_INVALID'), 'connecting', 'GW_UPSTREAM_CONNECT', 'next'],
    [new WireFault('CLOSED', 'x'), 'waiting', 'GW_UPSTREAM_CONNECT', 'next'],
    [new WireFault('DESTROYED', 'x'), 'connecting', 'GW_UPSTREAM_CONNECT', 'next'],
    [new LookupFault('ENOTFOUND', 'a.test', 'x'), 'connecting', 'GW_UPSTREAM_DNS', 'next'],
    [new LookupFault('EAI_AGAIN', 'a.test', 'x'), 'connecting', 'GW_UPSTREAM_DNS', 'next'],
    [system('ENOTFOUND'), 'connecting', 'GW_UPSTREAM_CONNECT', 'same'],
    [system('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'), 'connecting', 'GW_UPSTREAM_CONNECT', 'next'],
    [system('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'sent', 'GW_UPSTREAM_CONNECT', 'next'],
    [new WireFault('HTTP2_ONLY', 'x'), 'sent', 'GW_UPSTREAM_CONNECT', 'next'],
    [new WireFault('PROXY_REFUSED', 'x'), 'began', 'GW_UPSTREAM_CONNECT', 'next'],
    [system('ECONNRESET'), 'sent', 'GW_UPSTREAM_RESET', 'fresh'],
    [new WireFault('CUT', 'x'), 'sent', 'GW_UPSTREAM_RESET', 'fresh'],
    [new WireFault('DESTROYED', 'x'), 'sent', 'GW_UPSTREAM_RESET', 'next'],
    [system('ECONNRESET'), 'began', 'GW_UPSTREAM_RESET', 'same'],
    [new WireFault('CUT', 'x'), 'began', 'GW_UPSTREAM_BAD_OUTPUT', 'same'],
    [new WireFault('UNPARSABLE', 'x'), 'head', 'GW_UPSTREAM_BAD_OUTPUT', 'same'],
    [new WireFault('TOO_LARGE', 'x'), 'began', 'GW_UPSTREAM_TOO_LARGE', 'next'],
    [system('ECONNRESET'), 'head', 'GW_UPSTREAM_TRUNCATED', 'same'],
    [new WireFault('DESTROYED', 'x'), 'head', 'GW_UPSTREAM_TRUNCATED', 'same'],
    [new TypeError('x'), 'head', 'GW_GATEWAY_INTERNAL', 'no'],
    [system('ERR_INVALID_ARG_TYPE'), 'sent', 'GW_GATEWAY_INTERNAL', 'no'],
  ])('%s while %s is %s with the advice %s', (cause, progress, code, retry) => {
    expect(upstreamFault(cause, progress)).toMatchObject({ code, retry, cause });
  });

  it('is a connect time-out by our clock, the system, or one of several addresses', () => {
    for (const cause of [
      new WireFault('CONNECT_TIMEOUT', 'x'),
      system('ETIMEDOUT'),
      Object.assign(new AggregateError([system('ECONNREFUSED'), system('ETIMEDOUT')]), {
        code: 'ECONNREFUSED',
      }),
    ]) {
      const { code, errorType } = upstreamFault(cause, 'connecting');
      expect([code, errorType]).toEqual(['GW_UPSTREAM_CONNECT', 'provider_timeout_connect']);
    }
    const refused = Object.assign(new AggregateError([system('ECONNREFUSED')]), { code: 'ECONNREFUSED' });
    expect(upstreamFault(refused, 'connecting').errorType).not.toBe('provider_timeout_connect');
  });

  it('means an unreachable provider unless we closed the connection ourselves, or it had stood', () => {
    const unreachable = (cause: Error, progress: Progress = 'connecting'): boolean =>
      isUnreachable(upstreamFault(cause, progress));
    expect(unreachable(system('ECONNREFUSED'))).toBe(true);
    expect(unreachable(new LookupFault('EAI_AGAIN', 'a.test', 'x'))).toBe(true);
    expect(unreachable(new WireFault('HTTP2_ONLY', 'x'), 'sent')).toBe(true);
    expect(unreachable(new WireFault('CLOSED', 'x'))).toBe(false);
    expect(unreachable(new WireFault('DESTROYED', 'x'))).toBe(false);
    expect(unreachable(system('ECONNRESET'), 'sent')).toBe(false);
  });
});
