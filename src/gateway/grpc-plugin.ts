// A plugin behind a gRPC server, with its channel. Loaded by those alone who have one (plugins.ts).
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { CreateRunner } from '../contracts/plugin-port.ts';
import { createOverGrpc } from '../plugins/over-grpc.ts';
import { createGrpcChannel } from '../upstream/http2/grpc-channel.ts';

export function createGrpcPlugin({ names, clock }: Pick<GatewayPorts, 'names' | 'clock'>): CreateRunner {
  return createOverGrpc(({ url, ca }) =>
    createGrpcChannel(url!, { names, now: () => clock.now(), random: Math.random }, { tls: { ca } }),
  );
}
