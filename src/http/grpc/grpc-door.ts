// The way in for listeners that speak gRPC. Loaded with the first of them: messages and their library weigh something.
import type { ExchangeHost } from '../exchange/exchange.ts';
import type { GrpcServer, GrpcServerDeps, GrpcTaker } from './grpc-server.ts';
import type { TurnHost } from '../sockets/socket-server.ts';

export interface GrpcDoor {
  open(): Promise<GrpcTaker>;
  /** Who watches the health is told that it ends. */
  leave(): void;
}

export function createGrpcDoor(
  deps: GrpcServerDeps,
  host: Pick<ExchangeHost, 'now' | 'draining' | 'closed'>,
  turns: TurnHost,
): GrpcDoor {
  let server: GrpcServer | null = null;
  return {
    async open() {
      const { GrpcServer: Loaded } = await import('./grpc-server.ts');
      server ??= new Loaded(deps, host, turns);
      return server;
    },
    leave: () => server?.leave(),
  };
}
