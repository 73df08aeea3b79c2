// `headgate edge enrol`: this machine comes to a key of its own, by a login that its person makes in any browser, or by its certificate.
import { setTimeout as pause } from 'node:timers/promises';
import { type Enrolment, type GateApi, GateRefusal } from './centre/gate-api.ts';

export interface EnrolDeps {
  readonly api: Pick<GateApi, 'enrolment' | 'beginLogin' | 'enrol'>;
  /** Tells the person. */
  say(text: string): void;
  /** ms between two questions; tests do not wait. */
  readonly pause?: (ms: number) => Promise<unknown>;
  /** Monotonic ms. */
  now(): number;
}

export interface Enrolled {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly credential: string;
}

/** More of it with each time that the provider wishes for it (RFC 8628, 3.5). */
const SLOWER_MS = 5_000;

/** @throws GateRefusal, or the system's error when nobody answers */
export async function enrolDevice(
  { api, say, pause: wait = pause, now }: EnrolDeps,
  machine: { name: string; platform: string },
): Promise<Enrolled> {
  const ways = await api.enrolment();
  if (ways.certificate && ways.shown) return done(await api.enrol(machine));
  if (!ways.login)
    throw new GateRefusal(
      403,
      'no_way',
      'This gate enrols no machine by itself: an administrator makes a device (`POST /api/edge/devices`), whose key goes into HEADGATE_EDGE_KEY.',
    );
  const login = await api.beginLogin();
  const address =
    login.verificationUriComplete === '' ? login.verificationUri : login.verificationUriComplete;
  say(`Open ${address}\nand make sure that it shows the code ${login.userCode}.\n`);
  const until = now() + login.expiresInSeconds * 1_000;
  let everyMs = Math.max(1, login.intervalSeconds) * 1_000;
  while (now() < until) {
    await wait(everyMs);
    const answer = await api.enrol({ ...machine, deviceCode: login.deviceCode });
    if (answer.enrolled) return done(answer);
    if (answer.slower === true) everyMs += SLOWER_MS;
  }
  throw new GateRefusal(403, 'login_over', 'Nobody said yes in time: begin again.');
}

function done({ id = '', name = '', state = '', credential = '' }: Enrolment): Enrolled {
  if (credential === '') throw new GateRefusal(502, '', 'The gate answered without a key.');
  return { id, name, state, credential };
}
