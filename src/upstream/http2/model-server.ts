// The connections to a provider that is asked by gRPC, as its configuration has them.
import { randomBytes } from 'node:crypto';
import type { ProviderConfig } from '../../contracts/provider-config.ts';
import type { Names } from '../../contracts/names.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { Upstream } from '../../contracts/upstream.ts';
import { createNames } from '../../dns/names.ts';
import { createGrpcProtocol } from '../../grpc/protocols/protocols.ts';
import type { ConnectFailure } from '../connect-failure.ts';
import { createGrpcChannel, createGrpcDial } from './grpc-channel.ts';
import { createGrpcUpstream } from './grpc-upstream.ts';

export interface ModelServerDeps {
  clock: Clock;
  names?: Names | undefined;
  /** 0 = as a connection has it by itself. */
  connectTimeoutMs: number;
  closeTimeoutMs: number;
  onUnreachable?: ((failure: ConnectFailure) => void) | undefined;
  random?: (() => number) | undefined;
}

/** Of kind `grpc`. @throws Error when its mapping cannot be compiled, TypeError when its URL cannot be used. */
export function createModelServer(
  { baseUrl, grpc, tls, proxy, connections }: ProviderConfig,
  {
    clock,
    names = createNames(),
    connectTimeoutMs,
    closeTimeoutMs,
    onUnreachable,
    random = Math.random,
  }: ModelServerDeps,
): Upstream {
  const { keepaliveMs, maxMessageBytes, connections: maxConnections } = grpc!;
  const deps = { names, now: () => clock.now(), random };
  const options = {
    dial: createGrpcDial(new URL(baseUrl), deps, { tls, proxy }),
    keepaliveMs,
    maxMessageBytes,
    ...(connectTimeoutMs > 0 && { connectTimeoutMs }),
  };
  return createGrpcUpstream({
    protocol: createGrpcProtocol(grpc!),
    connect: () => createGrpcChannel(baseUrl, deps, options),
    place: new URL(baseUrl).host,
    clock,
    random,
    origin: `hg-${randomBytes(6).toString('hex')}`,
    maxConnections,
    maxConnectionAgeMs: connections?.maxAgeMs ?? 0,
    closeTimeoutMs,
    onUnreachable,
  });
}
