// The byte path to a model that refuses part of OpenAI's dialect: what it is known to refuse is taken out or said its way
// in the client's bytes, and named; every other byte goes on as it came.
import type { BodyFacts, EncodeTarget, FittedBody } from '../../contracts/body.ts';
import { fitEffort, isEffort } from '../effort-level.ts';
import { Fitting } from '../fitting.ts';
import { fitMessages } from './fit-messages.ts';
import { askForUsage } from './splice.ts';

const LIMITS = ['max_tokens', 'max_completion_tokens'] as const;
const SAMPLING = ['temperature', 'top_p', 'frequency_penalty', 'presence_penalty'] as const;

/** As `splice`, fitted to `target.capabilities`. @throws GatewayError GW_CLIENT_UNSUPPORTED for any loss when strict. */
export function fit(body: Buffer, facts: BodyFacts, target: EncodeTarget): FittedBody {
  const fitting = new Fitting(body, facts, target);
  const { refuses, renames, stops } = target.capabilities;
  // Usage that comes unasked is no loss for who asked.
  if (refuses.includes('stream_options')) fitting.drop('stream_options', false);
  else if (facts.stream && target.streamUsage && !facts.includeUsage) askForUsage(facts, fitting.edits);
  for (const name of refuses) fitting.drop(name);
  if (stops === 0) fitting.cutStops('stop');
  fitLimits(fitting);
  const effort = fitEfforts(fitting);
  fitSampling(fitting, effort);
  for (const [name, theirs] of Object.entries(renames)) fitting.rename(name, theirs);
  if (!target.capabilities.forcedTool && isForced(fitting)) fitting.set('tool_choice', 'auto');
  fitMessages(fitting);
  return fitting.done();
}

function fitLimits(fitting: Fitting): void {
  const { maxTokensField, maxTokensCap } = fitting.target.capabilities;
  for (const name of LIMITS) {
    const limit = fitting.read(name);
    if (maxTokensCap !== null && typeof limit === 'number' && limit > maxTokensCap) {
      fitting.set(name, maxTokensCap);
    }
    if (maxTokensField !== 'either' && maxTokensField !== name) fitting.rename(name, maxTokensField);
  }
}

/** What goes out as `reasoning_effort`. */
function fitEfforts(fitting: Fitting): string | null {
  const { thinking, efforts, effortWithTools, offBy } = fitting.target.capabilities;
  const asked = fitting.read('reasoning_effort');
  if (asked === 'none' && offBy !== null) {
    fitting.remove('reasoning_effort');
    for (const [name, value] of Object.entries(offBy)) fitting.set(name, value, null);
    fitting.losses.adapt('reasoning_effort');
    return 'none';
  }
  if (thinking === 'none') {
    fitting.drop('reasoning_effort');
    return null;
  }
  if (fitting.facts.hasTools && effortWithTools !== 'any') {
    if (asked === 'none') return 'none';
    if (effortWithTools === 'none') {
      fitting.drop('reasoning_effort', asked !== null);
      return null;
    }
    if (asked !== null) fitting.losses.drop('reasoning_effort');
    fitting.set('reasoning_effort', 'none', asked === null ? 'reasoning_effort' : null);
    return 'none';
  }
  if (typeof asked !== 'string' || !isEffort(asked) || efforts === null) return null;
  const level = fitEffort(asked, efforts);
  if (level === null) fitting.drop('reasoning_effort');
  else if (level !== asked) fitting.set('reasoning_effort', level);
  return level;
}

function fitSampling(fitting: Fitting, effort: string | null): void {
  const { sampling } = fitting.target.capabilities;
  if (sampling === 'none' || (sampling === 'unreasoned' && effort !== 'none')) {
    for (const name of SAMPLING) fitting.drop(name);
  } else if (sampling === 'one' && fitting.read('temperature') !== null && fitting.read('top_p') !== null) {
    fitting.drop(fitting.read('temperature') === 1 ? 'temperature' : 'top_p');
  }
}

function isForced(fitting: Fitting): boolean {
  const choice = fitting.read('tool_choice');
  return choice === 'required' || (typeof choice === 'object' && choice !== null);
}
