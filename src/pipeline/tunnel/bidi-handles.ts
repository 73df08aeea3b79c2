// Handles by which a session of Gemini Live goes on from another: `setup.sessionResumption.handle` asks for one, and
// `sessionResumptionUpdate.newHandle` tells one every few seconds.
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { textOf, written } from './message-json.ts';
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
  asking(first, named) {
    const said = parseObject(textOf(first))!; // it asks for some
    const setup: JsonObject = { ...objectAt(said, 'setup') };
    for (const name of RESUMPTIONS) {
      const resumption = objectAt(setup, name);
      const handle = stringAt(resumption ?? {}, 'handle') ?? '';
      if (resumption !== null && handle !== '') setup[name] = { ...resumption, handle: named(handle) };
    }
    return written(first, { ...said, setup });
  },
  telling(message, named) {
    // Most messages are sound.
    if (!message.includes(`"${NEW}"`)) return message;
    const said = parseObject(textOf(message));
    const update = said === null ? null : objectAt(said, UPDATE);
    const handle = stringAt(update ?? {}, NEW) ?? '';
    if (said === null || handle === '') return message;
    return written(message, { ...said, [UPDATE]: { ...update, [NEW]: named(handle) } });
  },
};
