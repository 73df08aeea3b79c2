// What Google's sockets have in common: the model stands in the first message, `setup`, and errors are the reason that one ends with.
import { resourceName } from '../../dialects/gemini/model-path.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { textOf } from './message-json.ts';
import type { SessionKind } from './session-kind.ts';

/** A model at Vertex: what is above its publisher. */
const PLACE = /^\/projects\/[^/]+\/locations\/[^/]+\/publishers\/[^/]+$/;
/** What clients write before a model: of Vertex AI's the provider in `vertex/m` is who publishes it. */
const NAMES = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/(?:google\/|([^/]+\/)))?models\//;

export const setup: Pick<
  SessionKind,
  | 'dialect'
  | 'modelInFirst'
  | 'inherits'
  | 'saysErrors'
  | 'besideVersion'
  | 'modelOf'
  | 'firstMust'
  | 'renamed'
> = {
  dialect: 'gemini',
  modelInFirst: true,
  inherits: false,
  saysErrors: false,
  besideVersion: true,
  modelOf(first) {
    const said = objectAt(parseObject(textOf(first)) ?? {}, 'setup');
    const name = said === null ? null : stringAt(said, 'model');
    return name === null ? null : name.replace(NAMES, '$1');
  },
  firstMust: { message: 'The first message must be `setup` with `setup.model`.', param: 'setup.model' },
  renamed(message, { below, model }) {
    const text = textOf(message);
    // However its letters are written.
    if (!text.includes('"setup"') && !text.includes('\\u')) return message;
    const said = parseObject(text);
    const asked = said === null ? null : objectAt(said, 'setup');
    if (said === null || asked === null) return message;
    const name = PLACE.test(below) ? `${below.slice(1)}/models/${model}` : resourceName(model);
    return JSON.stringify({ ...said, setup: { ...asked, model: name } });
  },
};
