// A call as plugins see it.
import type { Call } from '../../contracts/call.ts';
import type { CallInfo } from '../../contracts/plugin.ts';

export function infoOf(call: Call, metadata: Readonly<Record<string, string>>): CallInfo {
  const { principal, facts } = call;
  return {
    id: call.id,
    operation: call.operation?.name ?? '',
    dialect: call.route.dialect,
    model: facts?.model ?? call.model,
    stream: call.stream,
    key: principal?.name ?? '',
    team: principal?.team ?? '',
    organization: principal?.organization ?? '',
    user: principal?.user ?? '',
    project: principal?.project ?? '',
    customer: call.customer ?? principal?.customer ?? facts?.endUser ?? '',
    tags: principal?.tags ?? [],
    metadata: { ...metadata },
  };
}
