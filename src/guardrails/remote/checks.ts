// Every kind of check that asks others, with a gate of its own before each that a configuration has.
import type { CheckConfig, GuardrailConfig, RemoteCheckType } from '../../contracts/guardrail.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { CreateRemoteCheck, RemoteCheck } from '../../contracts/remote-check.ts';
import { isRemote } from '../guard.ts';
import { createAzureSafety } from './azure.ts';
import { createBedrockGuardrail } from './bedrock.ts';
import { FailureGate } from './failure-gate.ts';
import { createLakera } from './lakera.ts';
import { createModelArmor } from './model-armor.ts';
import { createJudge, createModeration } from './models.ts';
import { createPresidio } from './presidio.ts';
import type { RemoteDeps } from './remote-deps.ts';
import { createWebhook } from './webhook.ts';

export type CreateRemoteChecks = (
  guardrails: readonly GuardrailConfig[],
) => ReadonlyMap<CheckConfig, RemoteCheck>;

export function createRemoteChecks(deps: RemoteDeps, clock: Pick<Clock, 'now'>): CreateRemoteChecks {
  const makers: Readonly<Record<RemoteCheckType, CreateRemoteCheck>> = {
    moderation: createModeration(deps),
    judge: createJudge(deps),
    webhook: createWebhook(deps),
    presidio: createPresidio(deps),
    bedrock: createBedrockGuardrail(deps),
    azure: createAzureSafety(deps),
    model_armor: createModelArmor(deps),
    lakera: createLakera(deps),
  };
  return (guardrails) => {
    const checks = new Map<CheckConfig, RemoteCheck>();
    for (const check of guardrails.flatMap((guardrail) => guardrail.checks)) {
      if (!isRemote(check.type)) continue;
      const ask = makers[check.type](check);
      const gate = new FailureGate(clock);
      checks.set(check, (question) => gate.through(() => ask(question)));
    }
    return checks;
  };
}
