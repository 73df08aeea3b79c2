// Names of models that can be called, as /v1/models lists them for the key that is used.
import { useLoad } from '../../api/load.ts';
import { ApiProblem, OFFLINE, type Problem, problemOf } from '../../api/problem.ts';
import { playKey, usableKey } from './key-choice.tsx';

export interface Models {
  readonly names: readonly string[];
  readonly problem: Problem | null;
  again(): void;
}

export function useModels(): Models {
  const { data, problem, again } = useLoad(`models ${playKey.value === '' ? '' : 'own'}`, async (signal) => {
    const key = await usableKey();
    const response = await fetch('/v1/models', { headers: { authorization: `Bearer ${key}` }, signal }).catch(
      () => {
        throw new ApiProblem(OFFLINE);
      },
    );
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok)
      throw new ApiProblem(problemOf(response.status, body, response.headers.get('x-request-id') ?? ''));
    const list = (body as { data?: readonly { id: string }[] }).data ?? []; // as OpenAI's list has it
    return list.map(({ id }) => id);
  });
  return { names: data ?? [], problem, again };
}
