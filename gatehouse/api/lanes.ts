// What people do with a provider that misbehaves: pause it and let it go on, ask whether it answers, end what rests; and
// where a call of a model would go now.
import { DIALECT_NAMES } from '../../src/registry/manners.ts';
import type { ClusterView } from '../../src/contracts/cluster-view.ts';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import type { PlanView, ProbeResult } from '../../src/contracts/worker-look.ts';
import { notFound } from '../errors/api-error.ts';
import { laneSchema } from './cluster-fields.ts';
import type { ConfigDesk } from './config-desk.ts';
import { type ApiContext, eventOf } from './context.ts';
import { choice, flag, list, object, text } from './fields.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

const UPDATE = { resource: 'provider', verb: 'update' } as const;
const READ = { resource: 'cluster', verb: 'read' } as const;

export function laneRoutes(context: ApiContext, desk: ConfigDesk): ApiRoute[] {
  const lanes = async () => ((await context.ask({ do: 'look' })) as ClusterView).lanes; // what the primary answers

  /** @throws ApiError 404 */
  async function laneOf({ params }: ApiRequest) {
    const found = (await lanes()).find(({ provider }) => provider === params['id']);
    if (found === undefined) throw notFound('provider');
    return found;
  }

  const pause = (stops: boolean): ApiRoute => ({
    method: 'POST',
    path: `/api/providers/{id}/${stops ? 'pause' : 'resume'}`,
    access: UPDATE,
    operation: stops ? 'pause-provider' : 'resume-provider',
    summary: stops
      ? 'Nobody is sent there from now on, by name, also of the file: calls go to their next target, or get a 503. Those under way end as they would.'
      : 'Calls are sent there again.',
    answer: { status: 200, schema: object({ provider: text(''), paused: flag('') }) },
    async handle(request) {
      const { provider } = await laneOf(request);
      const deed = { action: `provider.${stops ? 'pause' : 'resume'}`, target: `provider/${provider}` };
      await desk.change(request, deed, ({ managed }) => {
        const others = managed.paused.filter((one) => one !== provider);
        return { ...managed, paused: stops ? [...others, provider] : others };
      });
      return { status: 200, body: { provider, paused: stops } };
    },
  });

  return [
    {
      method: 'GET',
      path: '/api/lanes',
      access: READ,
      operation: 'list-lanes',
      summary: 'What each provider does at the moment, and what of it rests.',
      query: {
        provider: text('Only this one.'),
        paused: choice(['true', 'false'], 'Only those that are paused, or are not.'),
        resting: choice(
          ['true', 'false'],
          'Only those of which a key, a model or a circuit rests, or nothing does.',
        ),
      },
      answer: { status: 200, schema: object({ items: list(laneSchema, ''), next: text('Always null.') }) },
      async handle({ query }) {
        const wanted = (name: string, is: boolean): boolean =>
          query[name] === undefined || query[name] === String(is);
        const items = (await lanes()).filter(
          ({ provider, paused, keys, cooling, circuits }) =>
            (query['provider'] === undefined || provider === query['provider']) &&
            wanted('paused', paused) &&
            wanted(
              'resting',
              cooling.length + circuits.length > 0 || keys.some((key) => key.resting.length > 0),
            ),
        );
        return { status: 200, body: { items, next: null } };
      },
    },
    {
      method: 'GET',
      path: '/api/lanes/{id}',
      access: READ,
      operation: 'get-lane',
      summary: 'The same, of one provider.',
      answer: { status: 200, schema: laneSchema },
      handle: async (request) => ({ status: 200, body: await laneOf(request) }),
    },
    {
      method: 'POST',
      path: '/api/lanes/{id}/reset',
      access: UPDATE,
      operation: 'reset-lane',
      summary: 'Ends cool-downs, rests of keys and open circuits of a provider, of one model or of all.',
      body: object({ model: text('Name at the provider; all when absent.') }),
      answer: {
        status: 200,
        schema: object({ ended: { type: 'integer', description: 'How many there were.' } }),
      },
      async handle(request) {
        const { provider } = await laneOf(request);
        const model = typeof request.body['model'] === 'string' ? request.body['model'] : null;
        const body = (await context.ask({ do: 'reset', provider, model })) as object; // as the primary answers
        const deed = { action: 'lane.reset', target: `provider/${provider}`, after: { model } };
        await context.store.commit([], eventOf(context, request, deed));
        return { status: 200, body };
      },
    },
    pause(true),
    pause(false),
    {
      method: 'POST',
      path: '/api/providers/{id}/test',
      access: UPDATE,
      operation: 'test-provider',
      summary:
        'Asks the provider for its list of models with one of its keys: whether it answers, how fast, and whose the fault is.',
      answer: {
        status: 200,
        schema: object({
          ok: flag('null = there is nothing cheap to ask it.'),
          latencyMs: { type: 'number', description: 'Question to answer.' },
          models: { type: 'integer', description: 'How many it listed; null = it did not.' },
          fault: text('`status_401`, `timeout`, an error type, …; null = none.'),
          owner: choice(['provider', 'gateway'], 'Whose the fault is; null = there is none.'),
        }),
      },
      async handle(request) {
        const { provider } = await laneOf(request);
        const body = (await context.ask({ do: 'worker', what: { do: 'probe', provider } })) as ProbeResult; // as it answers
        return { status: 200, body };
      },
    },
    {
      method: 'POST',
      path: '/api/models/{id}/try',
      access: { resource: 'model', verb: 'read' },
      operation: 'try-model',
      summary:
        'Which targets a call of this model would go to now, in which order, and why. Nothing is sent to them.',
      body: object({ dialect: choice(DIALECT_NAMES, 'Of the client; `openai-chat` when absent.') }),
      answer: {
        status: 200,
        schema: object({
          found: flag('Something offers it.'),
          similar: list(text(''), 'Names that look like it, where nothing does.'),
          name: text('Public name.'),
          balanced: flag('Targets are ordered anew for each call.'),
          targets: list(
            object({
              provider: text(''),
              model: text('Name at the provider.'),
              state: choice(['ready', 'cooling', 'circuit-open', 'paused', 'no-key'], 'Now.'),
              reason: text('Why it stands where it stands.'),
            }),
            'In the order in which a call would come to them.',
          ),
        }),
      },
      async handle(request) {
        const dialect = (request.body['dialect'] ?? 'openai-chat') as DialectName; // a choice of the schema
        const what = { do: 'plan', model: request.params['id']!, dialect } as const;
        return { status: 200, body: (await context.ask({ do: 'worker', what })) as PlanView }; // as it answers
      },
    },
  ];
}
