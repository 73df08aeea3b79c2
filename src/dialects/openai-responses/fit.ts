// The byte path to a model that refuses part of Responses: what it is known to refuse is taken out or said its way in the
// client's bytes, and named; every other byte goes on as it came.
import type { BodyFacts, EncodeTarget, FittedBody } from '../../contracts/body.ts';
import { fitEffort, isEffort } from '../effort-level.ts';
import { Fitting } from '../fitting.ts';
import { isObject } from '../read.ts';

/** As `splice`, fitted to `target.capabilities`. @throws GatewayError GW_CLIENT_UNSUPPORTED for any loss when strict. */
export function fit(body: Buffer, facts: BodyFacts, target: EncodeTarget): FittedBody {
  const fitting = new Fitting(body, facts, target);
  const { refuses, renames, maxTokensCap } = target.capabilities;
  for (const name of refuses) {
    // Proofs that nobody makes there are no loss.
    if (name === 'include' && asksForProofs(fitting)) fitting.drop(name, false);
    else fitting.drop(name);
  }
  const limit = fitting.read('max_output_tokens');
  if (maxTokensCap !== null && typeof limit === 'number' && limit > maxTokensCap) {
    fitting.set('max_output_tokens', maxTokensCap);
  }
  fitSampling(fitting, fitReasoning(fitting));
  for (const [name, theirs] of Object.entries(renames)) fitting.rename(name, theirs);
  fitForcedTool(fitting);
  return fitting.done();
}

/** And for nothing else. */
function asksForProofs(fitting: Fitting): boolean {
  const asked = fitting.read('include');
  return Array.isArray(asked) && asked.every((one) => one === 'reasoning.encrypted_content');
}

/** @returns the effort that goes out. */
function fitReasoning(fitting: Fitting): string | null {
  const { thinking, efforts } = fitting.target.capabilities;
  const reasoning = fitting.read('reasoning');
  if (!isObject(reasoning)) return null;
  const { effort } = reasoning;
  if (thinking === 'none') {
    fitting.drop('reasoning', effort !== 'none' && effort !== undefined && effort !== null);
    return null;
  }
  if (typeof effort !== 'string' || !isEffort(effort) || efforts === null) return null;
  const level = fitEffort(effort, efforts);
  if (level === effort) return effort;
  const { effort: _, ...rest } = reasoning;
  fitting.set('reasoning', level === null ? rest : { ...rest, effort: level }, 'reasoning.effort');
  return level;
}

function fitSampling(fitting: Fitting, effort: string | null): void {
  const { sampling } = fitting.target.capabilities;
  if (sampling === 'none' || (sampling === 'unreasoned' && effort !== 'none')) {
    for (const name of ['temperature', 'top_p', 'top_logprobs']) fitting.drop(name);
  } else if (sampling === 'one' && fitting.read('temperature') !== null && fitting.read('top_p') !== null) {
    fitting.drop(fitting.read('temperature') === 1 ? 'temperature' : 'top_p');
  }
}

function fitForcedTool(fitting: Fitting): void {
  if (fitting.target.capabilities.forcedTool) return;
  const choice = fitting.read('tool_choice');
  if (choice === 'required' || isObject(choice)) fitting.set('tool_choice', 'auto');
}
