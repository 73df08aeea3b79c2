// Answers that are no model's: health, readiness, metrics, model lists. By the worker that was asked, from what it knows.
import type { Call, RequestHead } from '../../contracts/call.ts';
import type { ModelCatalog } from '../../contracts/catalog.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { LocalRoute } from '../../contracts/route.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import type { ListedModel } from '../../contracts/snapshot.ts';
import { mayScrape } from '../../pipeline/who/authenticate.ts';
import type { Refuser } from '../../pipeline/refuse.ts';
import type { Settle } from '../../pipeline/settle.ts';
import { behindClaudeName, inClaudeNames, readsClaudeNames } from '../../routing/claude-names.ts';
import { listModels, listPublished, profileOf, showModel } from './model-list.ts';
import type { Tickets } from './chat-tickets.ts';
import type { StoredAnswers } from './stored-answers.ts';
import { createVisibleModels } from './visible-models.ts';

const JSON_TYPE: HeaderList = [['content-type', 'application/json']];
const TEXT_TYPE: HeaderList = [['content-type', 'text/plain; version=0.0.4; charset=utf-8']];

/** As clients of Vertex AI ask for models. */
const PUBLISHED = /\/publishers\/[^/]+\/models\/?$/;

export interface LocalAnswersDeps {
  settle: Settle;
  refuse: Refuser;
  /** Text of /metrics, from the primary. */
  scrape(): Promise<string>;
  /** Details of /health. */
  health(): Record<string, unknown>;
  version: string;
  models: ModelCatalog;
  /** What is kept of Responses. */
  stored: StoredAnswers;
  tickets: Pick<Tickets, 'issue'>;
}

/** @param draining the worker is on its way out. */
export type LocalAnswers = (call: Call, route: LocalRoute, draining: boolean) => void;

/** @param since ms since 1970, stated as the creation time of models. */
export function createLocalAnswers(deps: LocalAnswersDeps, since: number): LocalAnswers {
  const { settle, refuse, version } = deps;
  const visible = createVisibleModels();

  function send(call: Call, status: number, headers: HeaderList, body: string): void {
    call.sink.reply(status, headers, body);
    settle(call, { status, error: null, facts: null });
  }
  const json = (call: Call, status: number, value: object): void =>
    send(call, status, JSON_TYPE, JSON.stringify(value));

  /** Names of providers, models and keys stand in the metrics too: who may read those reads them here. */
  function health(call: Call, draining: boolean): void {
    const { circuitStates, ...counts } = deps.health();
    const names = circuitStates !== undefined && mayScrape(call) ? { circuitStates } : {};
    json(call, draining ? 503 : 200, {
      status: draining ? 'draining' : 'ok',
      version,
      ...counts,
      ...names,
    });
  }

  function metrics(call: Call): void {
    if (!mayScrape(call)) {
      const message = 'The metrics of this gateway need their own key, as `Authorization: Bearer` or Basic.';
      refuse(call, new GatewayError('GW_CLIENT_AUTH', { message }));
      return;
    }
    deps.scrape().then(
      (text) => {
        if (!call.settled) send(call, 200, TEXT_TYPE, text);
      },
      (cause: unknown) => {
        if (!call.settled) refuse(call, new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
      },
    );
  }

  function showList(call: Call, models: readonly ListedModel[]): void {
    if (call.settled) return;
    const { head, route } = call;
    const seen = visible.list(call, models);
    const named = readsClaudeNames(head.headers.get('user-agent')) ? inClaudeNames(seen) : seen;
    const list = PUBLISHED.test(head.path)
      ? listPublished(named, head.query)
      : listModels(named, route.dialect, head.query, since, isMistral(head));
    if (list instanceof GatewayError) refuse(call, list);
    else send(call, 200, JSON_TYPE, list);
  }

  function modelList(call: Call): void {
    const models = deps.models.list(call.snapshot);
    if (models instanceof Promise) void models.then((list) => showList(call, list));
    else showList(call, models);
  }

  function modelCard(call: Call): void {
    const name = call.params['model'] ?? '';
    const { dialect } = call.route;
    const known = (id: string): ListedModel | null =>
      visible.own(call, id) ?? deps.models.find(call.snapshot, id, dialect, call.prefix);
    const behind = behindClaudeName(name);
    const named = known(name);
    // As a call is planned: a provider that takes any name has no model of this one.
    const isNamed = named?.ownedBy === 'headgate' || name.startsWith(`${named?.ownedBy}/`);
    const real = behind === null || isNamed ? null : known(behind);
    const found = real ?? named;
    if (found === null || !visible.may(call, found)) refuse(call, unknownModel(name));
    // As it is listed.
    else if (call.route.kind === 'local' && call.route.answer === 'inference-profile')
      json(call, 200, profileOf({ ...found, id: name }));
    else send(call, 200, JSON_TYPE, showModel({ ...found, id: name }, dialect, since, isMistral(call.head)));
  }

  return (call, route, draining) => {
    switch (route.answer) {
      case 'live':
        json(call, 200, { status: 'ok' });
        return;
      case 'ready': {
        // Limits that nobody can check do not make it unready: their policy decides, and this is where it shows.
        const { limits, admin } = deps.health();
        // Nor does a store that is away: keys that are known go on.
        const away = isRecord(admin) && admin['store'] === 'down';
        const detail = { ...(limits === undefined ? {} : { limits }), ...(away ? { store: 'down' } : {}) };
        const status = draining ? 'draining' : away ? 'degraded' : 'ready';
        json(call, draining ? 503 : 200, { status, ...detail });
        return;
      }
      case 'health':
        health(call, draining);
        return;
      case 'root':
        json(call, 200, { name: 'headgate', version });
        return;
      case 'model-list':
        modelList(call);
        return;
      case 'model-card':
      case 'inference-profile':
        modelCard(call);
        return;
      case 'inference-profiles':
        // Asked for by agents that look which models they have on Bedrock: here any name will do that the gateway knows.
        json(call, 200, { inferenceProfileSummaries: [] });
        return;
      case 'admin':
        // It has a body, and the server hands it on itself (admin-forward.ts).
        return;
      case 'socket-ticket':
        json(call, 200, deps.tickets.issue(call.head, call.snapshot.config.server.chatSocket.ticketTtlMs));
        return;
      case 'metrics':
        metrics(call);
        return;
      default:
        deps.stored(call, route.answer);
    }
  };
}

function unknownModel(name: string): GatewayError {
  return new GatewayError('GW_CLIENT_MODEL_NOT_FOUND', {
    message: `The model \`${printable(name)}\` does not exist at this gateway.`,
    param: 'model',
  });
}

/** Text of a client's that an answer repeats: short, and nothing but visible ASCII. */
export function printable(text: string): string {
  return text.slice(0, 200).replace(/[^\x21-\x7e]/g, '?');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Mistral's SDKs name themselves, and no header is theirs alone. */
function isMistral({ headers }: RequestHead): boolean {
  return /\bmistral/i.test(headers.get('user-agent') ?? '');
}
