// What a configuration says of routes: names that may stand before them, pages that may call them, and those of the operator's own.
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { type Cors, createCors } from './cors.ts';
import { createJobTable, type JobTable } from './job-table.ts';
import { createRouteTable, type RouteTable } from './route-table.ts';

export interface CompiledRoutes {
  readonly version: number;
  readonly table: RouteTable;
  readonly cors: Cors;
  /** Null = there are none. */
  readonly jobs: JobTable | null;
}

export function compileRoutes(
  { version, config: { providers, server, operations } }: Pick<Snapshot, 'version' | 'config'>,
  dialect: (name: DialectName) => Dialect,
): CompiledRoutes {
  return {
    version,
    table: createRouteTable(
      new Map(providers.map(({ name, speaks }) => [name, speaks[0]!.dialect])),
      new Map(providers.flatMap(({ name, vendor }) => (vendor === undefined ? [] : [[name, vendor]]))),
    ),
    cors: createCors(server.corsOrigins),
    jobs: createJobTable(operations, dialect),
  };
}
