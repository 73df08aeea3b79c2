import type { Operation } from '../contracts/operation.ts';
import { realtimeSecret } from './realtime-secret.ts';

/** A spoken conversation (OpenAI's Live) that is begun by JSON with an offer in it: its sound goes past the gateway, and who began it steers it. */
export const liveSession: Operation = {
  ...realtimeSecret,
  name: 'live-session',
  raw: { verbatim: false, headers: 'dialect', objects: true },
};
