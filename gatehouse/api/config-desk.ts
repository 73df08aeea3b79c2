// One step of the managed configuration: thought through by the primary, which has the file, then stored with its place in
// the history, audited, and in force on every worker before it is answered.
import { showPath } from '../../src/config/path.ts';
import { isReference } from '../../src/config/references.ts';
import type { ConfigProblem, ManagedConfig } from '../../src/contracts/managed-config.ts';
import type { Change, StoredObject } from '../../src/contracts/store.ts';
import { type ApiContext, commit, type Deed } from './context.ts';
import type { ApiRequest } from './route.ts';
import { ApiError } from '../errors/api-error.ts';
import { toDocument } from '../config/document.ts';
import { all, type ConfigState, difference, readState } from '../config/state.ts';

/** Versions that are kept. */
export const MAX_HISTORY = 100;

export interface Step {
  readonly objects: readonly StoredObject[];
  /** Of the configuration, now. */
  readonly version: number;
  /** Workers that did not take it in time. */
  readonly workersBehind: number;
}

export interface ConfigDesk {
  read(): Promise<ConfigState & { version: number }>;
  /** What the primary finds wrong with it, the file included. */
  check(managed: ManagedConfig): Promise<readonly ConfigProblem[]>;
  /**
   * One after the other: what a step was made from is what there is when it is stored.
   * @throws ApiError 400 with what is wrong, 409
   */
  change(
    request: ApiRequest,
    deed: Deed,
    next: (before: ConfigState & { version: number }) => ManagedConfig | Promise<ManagedConfig>,
  ): Promise<Step>;
  /** Newest first. */
  history(): Promise<StoredObject[]>;
  /** What there was. @throws ApiError 404 */
  at(version: number): Promise<ManagedConfig>;
}

export function createConfigDesk(context: ApiContext): ConfigDesk {
  const { store, keys } = context;
  const { envelopes } = keys;
  let turn: Promise<unknown> = Promise.resolve();

  const history = async (): Promise<StoredObject[]> => (await all(store, 'config')).reverse();
  const versionOf = (newest: StoredObject | undefined): number => Number(newest?.name ?? 0);
  const check = async (managed: ManagedConfig): Promise<readonly ConfigProblem[]> => [
    ...referring(managed),
    ...((await context.ask({ do: 'check', managed })) as readonly ConfigProblem[]), // what the primary answers to this
  ];

  async function read(): Promise<ConfigState & { version: number }> {
    const [newest] = await history();
    return { ...(await readState(store, envelopes)), version: versionOf(newest) };
  }

  async function step(
    request: ApiRequest,
    deed: Deed,
    make: Parameters<ConfigDesk['change']>[2],
  ): Promise<Step> {
    const kept = await history();
    const before = { ...(await readState(store, envelopes)), version: versionOf(kept[0]) };
    const next = await make(before);
    const changes = difference(before, next, { envelopes, id: context.id });
    if (changes.length === 0) return { objects: [], version: before.version, workersBehind: 0 };
    const problems = await check(next);
    if (problems.length > 0) throw invalid(problems);
    const version = before.version + 1;
    const done = await commit(
      context,
      request,
      [...changes, ...historyOf(next, version, deed, request, kept)],
      {
        ...deed,
        before: { version: before.version, ...deed.before },
        after: { version, ...deed.after },
      },
    );
    await context.publish();
    const { workersBehind } = (await context.ask({ do: 'settle' })) as { workersBehind: number }; // as it answers
    return { objects: done, version, workersBehind };
  }

  function historyOf(
    next: ManagedConfig,
    version: number,
    { action, target }: Deed,
    { actor }: ApiRequest,
    kept: readonly StoredObject[],
  ): Change[] {
    const id = context.id('config');
    const data = {
      by: actor.name,
      action,
      target,
      document: toDocument(next) as never, // JSON, as it was read
      secret: envelopes.seal(JSON.stringify(next), { kind: 'config', id, field: 'state' }),
    };
    return [
      { op: 'create', kind: 'config', id, name: String(version), lookup: null, data },
      ...kept
        .slice(MAX_HISTORY - 1)
        .map((old): Change => ({ op: 'delete', kind: 'config', id: old.id, from: null })),
    ];
  }

  return {
    read,
    check,
    history,
    change(request, deed, next) {
      const mine = turn.then(() => step(request, deed, next));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async at(version) {
      if (version === 0) return { providers: {}, keys: [], models: {}, sections: {}, paused: [] };
      const found = (await history()).find(({ name }) => name === String(version));
      if (found === undefined)
        throw new ApiError(404, 'not_found', `There is no version ${version} in the history any more.`, {
          param: 'version',
        });
      const place = { kind: 'config', id: found.id, field: 'state' };
      return JSON.parse(envelopes.open(String(found.data['secret']), place)) as ManagedConfig; // as it was sealed
    },
  };
}

/** Who may add a key need not be able to read this machine. */
function referring({ keys }: ManagedConfig): ConfigProblem[] {
  return keys
    .filter(({ value, secretAccessKey, sessionToken }) =>
      [value, secretAccessKey, sessionToken].some((text) => text !== undefined && isReference(text)),
    )
    .map(({ provider, alias }) => ({
      path: showPath(['providers', provider, 'keys', alias]),
      message: 'references stand in the file alone: send the key itself',
      source: 'api',
    }));
}

function invalid(problems: readonly ConfigProblem[]): ApiError {
  const words = problems
    .slice(0, 20)
    .map(({ path, message, source }) =>
      [source === 'api' ? '' : source, path, message].filter(Boolean).join(': '),
    );
  return new ApiError(400, 'invalid_config', words.join('; '), { param: problems[0]?.path ?? '' });
}
