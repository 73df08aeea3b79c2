// Parts of the gateway that few configurations ask for. Whoever does not is spared them: what is loaded and never used is memory of every
// worker. They are loaded before a configuration is compiled, so that nothing of a call ever waits for one.
import type { Config } from '../contracts/config.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { LanesDeps } from '../lanes/lanes.ts';

export interface GatewayParts {
  /** What this configuration asks for and is not here yet; null: nothing. */
  load(config: Config): Promise<void> | null;
  /** Connections to providers by gRPC: HTTP/2, protobuf, the protocols of model servers. Undefined: not loaded. */
  readonly modelServer: LanesDeps['modelServer'];
}

/** The gateway's ports, with them. */
export type PortsAndParts = GatewayPorts & { readonly parts: GatewayParts };

export function createGatewayParts(): GatewayParts {
  let modelServer: LanesDeps['modelServer'];
  return {
    load(config) {
      if (modelServer !== undefined || config.providers.every(({ kind }) => kind !== 'grpc')) return null;
      return import('../upstream/http2/model-server.ts').then(({ createModelServer }) => {
        modelServer = createModelServer;
      });
    },
    get modelServer() {
      return modelServer;
    },
  };
}
