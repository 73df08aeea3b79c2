import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Spoken conversations whose sound goes past the gateway (WebRTC, SIP): begun by an offer, and steered by whoever began them. */
export const realtimeCall: Operation = {
  name: 'realtime-call',
  intake: 'stream',
  unread: true,
  answer: 'bytes',
  repeatable: false,
  ...NAMES_FILES,
  modelIn: 'session',
  raw: { verbatim: false, headers: 'dialect', objects: true, makes: 'location' },
  billed: true,
  past: true,
};
