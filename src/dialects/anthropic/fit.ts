// The byte path to a Claude that refuses part of its own dialect: sampling parameters, budgets or adaptive thinking, an
// effort, a forced tool. Taken out or said its way in the client's bytes, and named; every other byte goes on as it came.
import type { BodyFacts, EncodeTarget, FittedBody } from '../../contracts/body.ts';
import type { Effort } from '../../contracts/capability.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { fitEffort, isEffort } from '../effort-level.ts';
import { Fitting } from '../fitting.ts';
import { isObject } from '../read.ts';
import { budgetOfEffort, effortOfBudget } from '../thinking-budget.ts';
import { memberInPlaceOfModel } from './hosted.ts';
import { MIN_BUDGET } from './min-budget.ts';

/** As `splice`, fitted to `target.capabilities`. @throws GatewayError GW_CLIENT_UNSUPPORTED for any loss when strict. */
export function fit(body: Buffer, facts: BodyFacts, target: EncodeTarget): FittedBody {
  return fitMessages(new Fitting(body, facts, target, memberInPlaceOfModel(target) ?? 'model'));
}

/** The same of a body that is being fitted already: clouds have Messages under names of their own. */
export function fitMessages(fitting: Fitting): FittedBody {
  const { facts, target } = fitting;
  const { refuses, renames, maxTokensCap, stops } = target.capabilities;
  for (const name of refuses) fitting.drop(name);
  for (const [name, theirs] of Object.entries(renames)) fitting.rename(name, theirs);
  if (stops === 0) fitting.cutStops('stop_sequences');
  if (maxTokensCap !== null && (facts.maxTokens ?? 0) > maxTokensCap) fitting.set('max_tokens', maxTokensCap);
  fitSampling(fitting);
  fitThinking(fitting);
  fitForcedTool(fitting);
  return fitting.done();
}

function fitSampling(fitting: Fitting): void {
  const { sampling } = fitting.target.capabilities;
  if (sampling === 'none') {
    for (const name of ['temperature', 'top_p', 'top_k']) fitting.drop(name);
  } else if (sampling === 'one' && fitting.read('temperature') !== null && fitting.read('top_p') !== null) {
    const idle = fitting.read('temperature') === 1 && fitting.read('top_p') !== 1;
    fitting.drop(idle ? 'temperature' : 'top_p');
  }
}

function fitThinking(fitting: Fitting): void {
  const { thinking: takes, thinkingOff, efforts } = fitting.target.capabilities;
  const thinking = fitting.read('thinking');
  const config = fitting.read('output_config');
  const output: JsonObject = isObject(config) ? { ...config } : {};
  let effort = typeof output.effort === 'string' && isEffort(output.effort) ? output.effort : null;
  const type = isObject(thinking) ? thinking.type : undefined;
  if (type === 'disabled') {
    // What cannot think is off already; what always thinks cannot be switched off.
    if (takes === 'none' || !thinkingOff) fitting.drop('thinking', !thinkingOff);
  } else if (type === 'enabled' && takes === 'adaptive') {
    fitting.set('thinking', { type: 'adaptive' });
    const budget = (thinking as JsonObject).budget_tokens;
    if (effort === null && typeof budget === 'number') effort = effortOfBudget(budget);
  } else if (type !== undefined && takes === 'none') {
    fitting.drop('thinking', true);
  } else if (type !== undefined && type !== 'enabled' && takes === 'budget') {
    giveBudget(fitting, effort ?? 'medium');
  }
  if (efforts === null) return;
  const level = effort === null ? null : fitEffort(effort, efforts);
  if (level === (output.effort ?? null)) return;
  if (level === null) {
    delete output.effort;
    fitting.losses.drop('output_config.effort');
  } else output.effort = level;
  if (Object.keys(output).length === 0) fitting.remove('output_config');
  else fitting.set('output_config', output, 'output_config.effort');
}

// A model from before adaptive thinking. In a loop of tools it wants the thinking that led to each call, which a
// conversation begun with another model has not: there it goes on without.
function giveBudget(fitting: Fitting, effort: Effort): void {
  const limit = Math.min(
    fitting.facts.maxTokens ?? 0,
    fitting.target.capabilities.maxTokensCap ?? Number.POSITIVE_INFINITY,
  );
  const budget = Math.min(budgetOfEffort(effort), limit - 1);
  if (fitting.facts.hasTools || budget < MIN_BUDGET) fitting.drop('thinking', true);
  else fitting.set('thinking', { type: 'enabled', budget_tokens: budget });
}

function fitForcedTool(fitting: Fitting): void {
  if (fitting.target.capabilities.forcedTool) return;
  const choice = fitting.read('tool_choice');
  if (!isObject(choice) || (choice.type !== 'any' && choice.type !== 'tool')) return;
  const { disable_parallel_tool_use: oneAtATime } = choice;
  fitting.set('tool_choice', {
    type: 'auto',
    ...(oneAtATime === undefined ? {} : { disable_parallel_tool_use: oneAtATime }),
  });
}
