// Handles by which a session of Gemini Live goes on from another: `setup.sessionResumption.handle` asks for one, and
// `sessionResumptionUpdate.newHandle` tells one every few seconds.
import { Buffer } from 'node:buffer';
import type { JsonObject } from '../../contracts/json.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import type { HandleWords } from './session-kind.ts';

/** Google takes either. */
const RESUMPTIONS = ['sessionResumption', 'session_resumption'] as const;
const UPDATE = 'sessionResumptionUpdate';
const NEW = 'newHandle';

export const bidiHandles: HandleWords = {
  asked(first) {
    const setup = objectAt(parseObject(textOf(first)) ?? {}, 'setup') ?? {};
    return RESUMPTIONS.flatMap((name) => {
      const handle = stringAt(objectAt(setup, name) ?? {}, 'handle');
      // A new session that is to tell its handles says so with an empty one.
      return handle === null || handle === '' ? [] : [handle];
    });
  },
  asking(first, written) {
    const said = parseObject(textOf(first))!; // it asks for some
    const setup: JsonObject = { ...objectAt(said, 'setup') };
    for (const name of RESUMPTIONS) {
      const resumption = objectAt(setup, name);
      const handle = stringAt(resumption ?? {}, 'handle') ?? '';
      if (resumption !== null && handle !== '') setup[name] = { ...resumption, handle: written(handle) };
    }
    return asCame(first, { ...said, setup });
  },
  telling(message, written) {
    // Most messages are sound.
    if (!message.includes(`"${NEW}"`)) return message;
    const said = parseObject(textOf(message));
    const update = said === null ? null : objectAt(said, UPDATE);
    const handle = stringAt(update ?? {}, NEW) ?? '';
    if (said === null || handle === '') return message;
    return asCame(message, { ...said, [UPDATE]: { ...update, [NEW]: written(handle) } });
  },
};

/** Text or bytes, as JSON comes in both. */
export function textOf(message: SocketMessage): string {
  return typeof message === 'string' ? message : message.toString('utf8');
}

function asCame(message: SocketMessage, said: JsonObject): SocketMessage {
  const text = JSON.stringify(said);
  return typeof message === 'string' ? text : Buffer.from(text);
}
