// What a key whose models are limited may ask where its request's model is not the one of its plan: of a provider that alone knows the
// model, and by names that stand beside it in the body.
import { memberName, PER_MEMBER } from '../../body/member-edits.ts';
import type { Call, StageResult } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Permits } from '../../contracts/principal.ts';
import { isObject } from '../../dialects/read.ts';

/** Requests that begin no work of a model. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);
/** Nor do those that end what was begun. */
const ENDING = /\/(?:cancel|hangup|refer|reject)$/;

/** Bytes of `"tools"`. */
const SHORTEST = 7;

/** Of a request that names no model: any one there may work for it, so the key has to be allowed every one. */
export function mayAskUnseen(call: Call, permits: Permits): StageResult {
  const { operation, plan, head, route } = call;
  const { provider } = plan!.targets[0]!;
  const { modelIn } = operation!;
  const chooses = modelIn !== null && !READING.has(head.method) && !ENDING.test(route.template);
  if (!chooses)
    return permits.mayUseSomeOf(provider) || mayByAlias(call, permits, provider.name)
      ? 'continue'
      : forbidden(`This key may not use the provider \`${provider.name}\`.`);
  if (permits.mayUseAllOf(provider)) return 'continue';
  const { namedModels, upload } = call;
  if (namedModels !== null && operation!.raw?.verbatim === true) {
    if (namedModels.models?.length !== 0) return mayAskNamed(call, permits, namedModels.models) ?? 'continue';
    return permits.mayUseSomeOf(provider)
      ? 'continue'
      : forbidden(`This key may not use the provider \`${provider.name}\`.`);
  }
  if (namedModels !== null && operation!.chargedByResults === true)
    // What is still on its way is looked at when it is here (own-files.ts).
    return upload !== null ? 'continue' : (mayAskNamed(call, permits, namedModels.models) ?? 'continue');
  const seen =
    modelIn === 'model' && operation!.intake === 'json'
      ? 'The request names no model'
      : modelIn === ''
        ? 'What is handed on as it is may name any model'
        : `What \`${modelIn}\` asks of which model is not known here${operation!.name === 'batch' ? UPLOADED : ''}`;
  return forbidden(
    `${seen}, and this key may not use every model of the provider \`${provider.name}\`.`,
    modelIn === '' ? undefined : modelIn!,
  );
}

/** Of a file it is known that such a key put up itself. */
const UPLOADED =
  ' (files are looked into when a key of limited models uploads them to /v1/files, each line with its model)';

/** @param models that the requests of a batch name; null = that is not known of all. @returns null: it may use them. */
export function mayAskNamed(
  { operation, plan }: Call,
  permits: Permits,
  models: readonly string[] | null,
): GatewayError | null {
  // What is handed on as it is has no place for it that is everybody's.
  const param = operation!.modelIn === '' ? undefined : operation!.modelIn!;
  const { provider } = plan!.targets[0]!;
  if (permits.mayUseAllOf(provider)) return null;
  if (models === null)
    return forbidden('Not every request of it says its model where this gateway can read it.', param);
  const odd = models.find((model) => !permits.mayUse(model, provider.name, model));
  return odd === undefined ? null : forbidden(`This key may not use the model \`${odd}\`.`, param);
}

/** An alias with a slash looks like a name at a place that is no provider: where it leads to says whose models it stands for. */
function mayByAlias({ snapshot, route, prefix }: Call, permits: Permits, provider: string): boolean {
  return Object.keys(snapshot.config.models).some((name) => {
    if (!name.includes('/')) return false;
    const plan = snapshot.models.plan(name, route.dialect, prefix);
    const within = plan === null ? null : permits.within(plan);
    return within?.targets.some((target) => target.provider.name === provider) ?? false;
  });
}

/** Lists of models to choose from (OpenRouter), and tools that are models themselves (pictures, advisors). */
export function mayNameBeside({ body, facts, plan, operation }: Call, permits: Permits): StageResult {
  if (facts === null || body === null || operation!.intake !== 'json') return 'continue';
  const providers = plan!.targets.map(({ provider }) => provider.name);
  const { members } = facts;
  // All of one name: which of two counts is for who reads it to say.
  for (let member = 0; member * PER_MEMBER < members.length; member++) {
    const at = member * PER_MEMBER;
    if (members[at + 1]! - members[at]! < SHORTEST) continue;
    const name = memberName(body, members, member);
    if (name !== 'models' && name !== 'tools') continue;
    for (const { model, param } of namesIn(name, body.subarray(members[at + 2]!, members[at + 3]!))) {
      if (!providers.every((provider) => permits.mayUse(model, provider, model)))
        return forbidden(`This key may not use the model \`${model.slice(0, 200)}\`.`, param);
    }
  }
  return 'continue';
}

function namesIn(member: 'models' | 'tools', text: Buffer): { model: string; param: string }[] {
  // Few tools are models, and nobody writes the word with escapes but to hide it.
  if (member === 'tools' && !text.includes('"model"') && !text.includes('\\u')) return [];
  const listed: unknown = JSON.parse(text.toString('utf8'));
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((entry: unknown, at) => {
    const model = member === 'models' ? entry : isObject(entry) ? entry['model'] : undefined;
    const param = member === 'models' ? `models[${at}]` : `tools[${at}].model`;
    return typeof model === 'string' ? [{ model, param }] : [];
  });
}

export function forbidden(message: string, param?: string): GatewayError {
  return new GatewayError('GW_CLIENT_MODEL_FORBIDDEN', { message, ...(param !== undefined && { param }) });
}
