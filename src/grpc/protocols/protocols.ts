// The protocols of model servers, as an explicit list.
import type { GrpcConfig, GrpcProtocol } from '../../contracts/grpc-provider.ts';
import { createInferProtocol } from './infer.ts';
import { createMappedProtocol } from './mapped.ts';
import { createSglangProtocol } from './sglang.ts';
import { createVllmProtocol } from './vllm.ts';

/** @throws Error that says what of the mapping cannot be compiled. */
export function createGrpcProtocol(config: GrpcConfig): GrpcProtocol {
  switch (config.protocol) {
    case 'oip':
    case 'triton':
      return createInferProtocol(config);
    case 'vllm':
      return createVllmProtocol(config);
    case 'sglang':
      return createSglangProtocol();
    case 'proto':
      return createMappedProtocol(config);
  }
}
