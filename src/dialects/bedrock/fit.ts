// The byte path to a model that refuses part of what Converse has: sampling parameters, budgets of thinking, a forced tool.
// Taken out or said its way in the client's bytes, and named; every other byte goes on as it came.
import { parseLossless } from '../../body/lossless.ts';
import type { BodyFacts, EncodeTarget, FittedBody } from '../../contracts/body.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { Fitting } from '../fitting.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { shareStops } from '../stop-share.ts';
import { effortOfBudget } from '../thinking-budget.ts';

const INFERENCE = 'inferenceConfig';
const FIELDS = 'additionalModelRequestFields';
const TOOLS = 'toolConfig';
const OUTPUT = 'outputConfig';

/** As `splice`, fitted to `target.capabilities`. @throws GatewayError GW_CLIENT_UNSUPPORTED for any loss when strict. */
export function fit(body: Buffer, facts: BodyFacts, target: EncodeTarget): FittedBody {
  const fitting = new Fitting(body, facts, target, null);
  const { refuses, renames } = target.capabilities;
  for (const name of refuses) fitting.drop(name);
  for (const [name, theirs] of Object.entries(renames)) fitting.rename(name, theirs);
  fitInference(fitting);
  fitThinking(fitting);
  fitForcedTool(fitting);
  return fitting.done();
}

/** The member as an object of its own, numbers as they were written; empty where it is none. */
function memberOf(fitting: Fitting, name: string): JsonObject {
  const member = fitting.place(name);
  if (member === undefined) return {};
  const value = parseLossless(fitting.body.toString('utf8', ...fitting.span(member)), true);
  return isObject(value) ? value : {};
}

/** Writes a member back whose change is named already. */
function put(fitting: Fitting, name: string, value: JsonObject): void {
  if (Object.keys(value).length === 0) fitting.remove(name);
  else fitting.set(name, value, null);
}

function fitInference(fitting: Fitting): void {
  const { sampling, maxTokensCap, stops } = fitting.target.capabilities;
  const inference = memberOf(fitting, INFERENCE);
  const lost: string[] = [];
  const { temperature, topP } = inference;
  if (sampling === 'none') lost.push('temperature', 'topP');
  else if (sampling === 'one' && temperature !== undefined && topP !== undefined) lost.push('topP');
  let changed = false;
  if (stops === 0 && inference['stopSequences'] !== undefined) {
    const asked = arrayAt(inference, 'stopSequences').filter((one) => typeof one === 'string');
    fitting.cut(shareStops(asked, 0, `${INFERENCE}.stopSequences`, fitting.losses).cut);
    delete inference['stopSequences'];
    changed = true;
  }
  for (const name of lost) {
    if (inference[name] === undefined) continue;
    // What only repeats the default is no loss.
    if (numberAt(inference, name) === 1) fitting.losses.adapt(`${INFERENCE}.${name}`);
    else fitting.losses.drop(`${INFERENCE}.${name}`);
    delete inference[name];
    changed = true;
  }
  if (maxTokensCap !== null && (numberAt(inference, 'maxTokens') ?? 0) > maxTokensCap) {
    inference['maxTokens'] = maxTokensCap;
    fitting.losses.adapt(`${INFERENCE}.maxTokens`);
    changed = true;
  }
  if (changed) put(fitting, INFERENCE, inference);
}

function fitThinking(fitting: Fitting): void {
  const { sampling, thinking: takes, thinkingOff } = fitting.target.capabilities;
  const fields = memberOf(fitting, FIELDS);
  let changed = false;
  if (sampling === 'none' && fields['top_k'] !== undefined) {
    fitting.losses.drop(`${FIELDS}.top_k`);
    delete fields['top_k'];
    changed = true;
  }
  const thinking = objectAt(fields, 'thinking');
  const type = stringAt(thinking ?? {}, 'type');
  if (type === 'enabled' && takes === 'adaptive') {
    fitting.losses.adapt(`${FIELDS}.thinking`);
    fields['thinking'] = { type: 'adaptive' };
    changed = true;
    const output = memberOf(fitting, OUTPUT);
    const budget = numberAt(thinking!, 'budget_tokens');
    if (budget !== null && output['effort'] === undefined)
      fitting.set(OUTPUT, { ...output, effort: effortOfBudget(budget) }, `${OUTPUT}.effort`);
  } else if (type === 'disabled' && !thinkingOff) {
    fitting.losses.drop(`${FIELDS}.thinking`);
    delete fields['thinking'];
    changed = true;
  }
  if (changed) put(fitting, FIELDS, fields);
}

function fitForcedTool(fitting: Fitting): void {
  if (fitting.target.capabilities.forcedTool) return;
  const config = memberOf(fitting, TOOLS);
  const choice = objectAt(config, 'toolChoice');
  if (choice === null || (choice['any'] === undefined && choice['tool'] === undefined)) return;
  fitting.set(TOOLS, { ...config, toolChoice: { auto: {} } }, `${TOOLS}.toolChoice`);
}
