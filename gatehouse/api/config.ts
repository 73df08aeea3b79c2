// The whole of what the API manages of the configuration, as one document: seen, checked, compared, applied, taken back.
import { writeYaml } from '../../src/config/file.ts';
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { ManagedConfig } from '../../src/contracts/managed-config.ts';
import { suggestion } from '../../src/names/nearest.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import { type ConfigDesk, MAX_HISTORY } from './config-desk.ts';
import { diffOf } from '../config/diff.ts';
import { type PlacedProblem, readDocument, toDocument } from '../config/document.ts';
import { documentNode } from '../config/schema.ts';
import { ApiError } from '../errors/api-error.ts';
import { type ApiContext, etagOf, lostUpdate } from './context.ts';
import { choice, list, object, text, whole } from './fields.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

const READ = { resource: 'config', verb: 'read' } as const;
const UPDATE = { resource: 'config', verb: 'update' } as const;

const body = object(
  {
    config: {
      anyOf: [documentNode, text('The same as YAML or JSON: problems then have their line.', 4_000_000)],
      description: 'All that the API is to manage: what is not in it goes.',
    },
  },
  ['config'],
);
const version = whole(
  0,
  Number.MAX_SAFE_INTEGER,
  'Counts the changes; 0 = nothing was ever managed. The ETag.',
);
const problem = object({
  path: text('Place; empty = the whole.'),
  message: text('What is wrong.'),
  line: whole(1, 1_000_000, 'Of the text; null = none was sent, or it is nowhere in it.'),
  source: text('`document`, `api`, the file with its line, or a variable.'),
});
const change = object({
  op: choice(['add', 'change', 'remove'], 'What becomes of it.'),
  path: text('`providers.x`, `models.y`, or a section.'),
});
const changed = object({
  version,
  changes: list(change, 'What became other.'),
  workersBehind: whole(0, 10_000, 'Workers that did not take it within two seconds.'),
});

export function configRoutes(context: ApiContext, desk: ConfigDesk): ApiRoute[] {
  const fileProviders = (): ReadonlySet<string> => new Set(context.file().providers.map(({ name }) => name));

  /** What a document says, and all that is wrong with it. */
  async function look(request: ApiRequest, current: ManagedConfig) {
    const { config: given, ...others } = request.body;
    const [other] = Object.keys(others);
    if (other !== undefined)
      throw new ApiError(
        400,
        'unknown_field',
        `unknown key \`${other.slice(0, 100)}\`${suggestion(other, ['config'])}`,
        { param: other.slice(0, 100) },
      );
    // Nothing at all is a mistake, and no wish to manage nothing: that is `{}`.
    if (given === undefined || given === null)
      throw new ApiError(400, 'invalid_value', '`config` is missing', { param: 'config' });
    const read = readDocument(given, current, fileProviders(), context.file().prices);
    if (read.managed === null) return { managed: null, problems: read.problems };
    const found = await desk.check(read.managed);
    return { managed: read.managed, problems: found.map(read.place) };
  }
  async function wanted(request: ApiRequest, current: ManagedConfig): Promise<ManagedConfig> {
    const { managed, problems } = await look(request, current);
    if (managed === null || problems.length > 0) throw refused(problems);
    return managed;
  }
  async function apply(
    request: ApiRequest,
    action: string,
    target: string,
    next: (now: ManagedConfig) => Promise<ManagedConfig>,
  ) {
    let before: ManagedConfig | null = null;
    let after: ManagedConfig | null = null;
    const step = await desk.change(request, { action, target }, async (state) => {
      if (request.ifMatch !== null && request.ifMatch !== state.version) throw lostUpdate(state.version);
      before = state.managed;
      after = await next(state.managed);
      return after;
    });
    return {
      status: 200,
      body: {
        changes: diffOf(before!, after!),
        version: step.version,
        workersBehind: step.workersBehind,
      },
      headers: { etag: etagOf(step.version) },
    };
  }

  return [
    {
      method: 'GET',
      path: '/api/config',
      access: READ,
      operation: 'get-config',
      summary: 'What the API manages, what the file has, and what is in force of both.',
      answer: {
        status: 200,
        schema: object({
          version,
          managed: documentNode,
          file: object({
            providers: list(text(''), 'In the file, or by the environment.'),
            models: list(text(''), 'In the file.'),
          }),
          effective: object({}, [], 'In force, defaults included, secrets left out.'),
        }),
      },
      async handle() {
        const state = await desk.read();
        const names = (objects: readonly { name: string }[]): string[] => objects.map(({ name }) => name);
        const { providers, models } = context.file();
        return {
          status: 200,
          body: {
            version: state.version,
            managed: toDocument(state.managed),
            file: { providers: names(providers), models: names(models) },
            effective: await context.ask({ do: 'effective' }),
          },
          headers: { etag: etagOf(state.version) },
        };
      },
    },
    {
      method: 'GET',
      path: '/api/config/schema',
      access: READ,
      operation: 'get-config-schema',
      summary:
        'What may stand in what the API manages, as a JSON Schema: for editors that help while somebody writes.',
      answer: { status: 200, schema: object({}, [], 'JSON Schema of `managed`.') },
      async handle() {
        return { status: 200, body: documentNode };
      },
    },
    {
      method: 'GET',
      path: '/api/config/export',
      access: READ,
      operation: 'export-config',
      summary: 'What the API manages, as a file that can be applied again; secrets stand as `***`.',
      query: { format: choice(['yaml', 'json'], '`yaml` by default.') },
      answer: { status: 200, schema: { type: 'string' }, types: ['application/yaml', 'application/json'] },
      async handle({ query }) {
        const { managed, version: at } = await desk.read();
        const document = toDocument(managed);
        const json = query['format'] === 'json';
        return {
          status: 200,
          body: json ? `${JSON.stringify(document, null, 2)}\n` : writeYaml(document),
          headers: {
            'content-type': json ? 'application/json' : 'application/yaml',
            'content-disposition': `attachment; filename="headgate-managed.${json ? 'json' : 'yaml'}"`,
            etag: etagOf(at),
          },
        };
      },
    },
    {
      method: 'POST',
      path: '/api/config/validate',
      access: READ,
      operation: 'validate-config',
      summary: 'Says what would be wrong with a document, together with the file. Nothing is changed.',
      body,
      lenient: true,
      answer: {
        status: 200,
        schema: object({ ok: { type: 'boolean' }, problems: list(problem, 'All of them.') }),
      },
      async handle(request) {
        const { problems } = await look(request, (await desk.read()).managed);
        return { status: 200, body: { ok: problems.length === 0, problems } };
      },
    },
    {
      method: 'POST',
      path: '/api/config/diff',
      access: READ,
      operation: 'diff-config',
      summary: 'What applying a document would change. Nothing is changed.',
      body,
      lenient: true,
      answer: { status: 200, schema: object({ version, changes: list(change, 'Resource by resource.') }) },
      async handle(request) {
        const { managed, version: at } = await desk.read();
        const changes = diffOf(managed, await wanted(request, managed));
        return { status: 200, body: { version: at, changes }, headers: { etag: etagOf(at) } };
      },
    },
    {
      method: 'POST',
      path: '/api/config/apply',
      access: UPDATE,
      operation: 'apply-config',
      summary:
        'Makes a document what the API manages; answers when every worker has it. `If-Match` guards against a lost update.',
      body,
      lenient: true,
      guarded: true,
      answer: { status: 200, schema: changed },
      handle: (request) => apply(request, 'config.apply', 'config', (now) => wanted(request, now)),
    },
    {
      method: 'POST',
      path: '/api/config/rollback',
      access: UPDATE,
      operation: 'roll-back-config',
      summary:
        'Makes what the API manages what it was at a version, secrets included. That is a new version.',
      body: object({ version }, ['version']),
      guarded: true,
      answer: { status: 200, schema: changed },
      async handle(request) {
        const to = Number(request.body['version']);
        const before = await desk.at(to);
        return apply(request, 'config.rollback', `config/${to}`, async () => before);
      },
    },
    {
      method: 'GET',
      path: '/api/config/history',
      access: READ,
      operation: 'list-config-history',
      summary: 'Versions that can be gone back to, the newest first.',
      query: {
        cursor: cursorParameter,
        limit: limitParameter,
        by: text('Only by this one, as the audit log names them.'),
        action: text('Only such changes, as in the audit log: `provider.create`.'),
      },
      answer: {
        status: 200,
        schema: object({
          items: list(object(historyFields), 'Newest first.'),
          next: text('What to send as `cursor`; null = no more.'),
        }),
      },
      async handle(request) {
        const { by, action, cursor = String(Number.MAX_SAFE_INTEGER) } = request.query;
        if (!/^\d{1,16}$/.test(cursor))
          throw new ApiError(400, 'invalid_value', `cursor: expected ${cursorParameter['x-expected']}`, {
            param: 'cursor',
          });
        const limit = request.query['limit'] === undefined ? MAX_HISTORY : limitOf(request);
        const fitting = (await desk.history()).filter(
          ({ name, data }) =>
            (by === undefined || data['by'] === by) &&
            (action === undefined || data['action'] === action) &&
            Number(name) < Number(cursor),
        );
        const items = fitting.slice(0, limit);
        const next = fitting.length > limit ? items.at(-1)!.name : null;
        return { status: 200, body: { items: items.map(entryOf), next } };
      },
    },
    {
      method: 'GET',
      path: '/api/config/history/{version}',
      access: READ,
      operation: 'get-config-version',
      summary: 'What the API managed then, and what it changed against the version before.',
      answer: {
        status: 200,
        schema: object({ ...historyFields, managed: documentNode, changes: list(change, '') }),
      },
      async handle({ params }) {
        const found = (await desk.history()).find(({ name }) => name === params['version']);
        if (found === undefined) throw new ApiError(404, 'not_found', 'There is no such version.');
        const before = await desk.at(Number(found.name) - 1).catch(() => null);
        const changes = before === null ? null : diffOf(before, await desk.at(Number(found.name)));
        return { status: 200, body: { ...entryOf(found), managed: found.data['document'], changes } };
      },
    },
  ];
}

const historyFields: Record<string, SchemaNode> = {
  version,
  at: text('ISO 8601.'),
  by: text('Who.'),
  action: text('As in the audit log.'),
  target: text('As in the audit log.'),
};

function entryOf({ name, createdAt, data }: StoredObject): object {
  const { by, action, target } = data;
  return { version: Number(name), at: new Date(createdAt).toISOString(), by, action, target };
}

function refused(problems: readonly PlacedProblem[]): ApiError {
  const words = problems
    .slice(0, 20)
    .map(
      ({ path, line, message }) =>
        `${line === null ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`,
    );
  return new ApiError(400, 'invalid_config', words.join('; '), { param: problems[0]?.path ?? '' });
}
