// All routes of the admin API.
import type { Sessions } from '../who/sessions.ts';
import type { Throttle } from '../who/throttle.ts';
import { adminRoutes } from './admins.ts';
import { auditRoutes } from './audit.ts';
import { budgetRoutes } from './budgets.ts';
import { createConfigDesk } from './config-desk.ts';
import { cacheRoutes } from './cache.ts';
import { clusterHistoryRoutes } from './cluster-history.ts';
import { clusterRoutes } from './cluster.ts';
import { configRoutes } from './config.ts';
import { configResourceRoutes } from './config-resources.ts';
import type { ApiContext } from './context.ts';
import { creditRoutes } from './credit.ts';
import { edgeRoutes } from './edge.ts';
import { keyRoutes } from './keys.ts';
import { ledgerRoutes } from './ledger.ts';
import { logExportRoutes } from './log-exports.ts';
import { tailRoutes } from './log-tail.ts';
import { loginRoutes } from './login.ts';
import { laneRoutes } from './lanes.ts';
import { litellmRoutes } from './litellm.ts';
import { logRoutes } from './logs.ts';
import { oidcRoutes } from './oidc.ts';
import { openApi } from './openapi.ts';
import { priceRoutes } from './prices.ts';
import { recalculationRoutes } from './recalculations.ts';
import { resourceParts, resourceRoutes } from './resource.ts';
import { RESOURCES } from './resources.ts';
import type { ApiRoute } from './route.ts';
import { secretRoutes } from './secrets.ts';
import { totpRoutes } from './totp.ts';
import { stateRoutes } from './state.ts';
import { statsRoutes } from './stats.ts';

export interface TableDeps {
  readonly context: ApiContext;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
}

export function apiRoutes({ context, sessions, throttle }: TableDeps): ApiRoute[] {
  const desk = createConfigDesk(context);
  const routes: ApiRoute[] = [
    ...loginRoutes(context, { sessions, throttle }),
    ...oidcRoutes(context, { sessions, throttle }),
    ...totpRoutes(context, throttle),
    ...adminRoutes(context, sessions),
    ...RESOURCES.flatMap((kind) => resourceRoutes(context, kind, resourceParts(context, kind))),
    ...budgetRoutes(context),
    ...creditRoutes(context),
    ...keyRoutes(context),
    ...auditRoutes(context),
    ...logRoutes(context),
    ...tailRoutes(context),
    ...logExportRoutes(context),
    ...statsRoutes(context),
    ...ledgerRoutes(context),
    ...recalculationRoutes(context),
    ...configResourceRoutes(context, desk),
    ...laneRoutes(context, desk),
    ...configRoutes(context, desk),
    ...clusterRoutes(context),
    ...clusterHistoryRoutes(context),
    ...cacheRoutes(context),
    ...priceRoutes(context, desk),
    ...stateRoutes(context),
    ...edgeRoutes(context, throttle),
    ...secretRoutes(context),
  ];
  if (context.litellm) routes.push(...litellmRoutes(context, routes));
  let document: object | null = null;
  routes.push({
    method: 'GET',
    path: '/api/openapi.json',
    access: 'open',
    operation: 'get-openapi',
    summary: 'This document.',
    answer: { status: 200, schema: { type: 'object', properties: {} } },
    async handle() {
      document ??= openApi(routes, context.version);
      return { status: 200, body: document };
    },
  });
  return routes;
}
