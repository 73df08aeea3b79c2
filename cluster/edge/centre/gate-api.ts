// What the edge asks of the gate for itself: to be enrolled, what to do, certificates; and what it tells it. Calls of agents go elsewhere.
import type { EdgeEvent, EdgeFinding, EdgeOrders } from '../../../src/contracts/edge.ts';
import { plainCall, type TlsMeans } from './plain-call.ts';

/** The gate answered, and said no. */
export class GateRefusal extends Error {
  readonly status: number;
  /** Of the gate's error; '' = it was no error of the gate's. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface GateLogin {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

export interface Enrolment {
  readonly enrolled: boolean;
  readonly slower?: boolean;
  readonly id?: string;
  readonly name?: string;
  readonly state?: string;
  readonly credential?: string;
}

export interface GateApi {
  /** How a machine may enrol. `shown`: the gate has seen a certificate of ours. */
  enrolment(): Promise<{ login: boolean; certificate: boolean; shown: boolean }>;
  beginLogin(): Promise<GateLogin>;
  enrol(asked: { name: string; platform: string; deviceCode?: string }): Promise<Enrolment>;
  report(version: string, findings: readonly EdgeFinding[]): Promise<EdgeOrders>;
  orders(): Promise<EdgeOrders>;
  /** @returns the place of the event that is wanted next */
  send(from: number, events: readonly EdgeEvent[]): Promise<number>;
  authority(): Promise<{ name: string; certificate: string; fingerprint: string; notAfter: string }>;
  certificate(host: string, publicKey: string): Promise<{ certificate: string; notAfter: string }>;
}

/**
 * Every call rejects with GateRefusal when the gate says no, with the system's error when nobody answers.
 *
 * @param gate its address, without a path. @param key of the device; null = it has none yet
 */
export function createGateApi(gate: string, tls: TlsMeans, key: string | null): GateApi {
  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await plainCall(`${gate}/api/edge${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      tls,
    });
    if (answer.status >= 200 && answer.status < 300) return answer.json as T; // as the gate's table of routes has it
    const { code, message } = errorOf(answer.json);
    throw new GateRefusal(answer.status, code, message ?? `the gate answers ${answer.status}`);
  }
  return {
    enrolment: () => ask('GET', '/enrolment'),
    beginLogin: () => ask('POST', '/enrol/login', {}),
    enrol: (asked) => ask('POST', '/enrol', asked),
    report: (version, findings) => ask('POST', '/self/report', { version, findings }),
    orders: () => ask('GET', '/self'),
    async send(from, events) {
      return (await ask<{ place: number }>('POST', '/self/events', { from, events })).place;
    },
    authority: () => ask('GET', '/self/authority'),
    certificate: (host, publicKey) => ask('POST', '/self/certificates', { host, publicKey }),
  };
}

function errorOf(json: unknown): { code: string; message: string | null } {
  const error = typeof json === 'object' && json !== null && 'error' in json ? json.error : null;
  if (typeof error !== 'object' || error === null) return { code: '', message: null };
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : null,
  };
}
