// A gRPC server of @grpc/grpc-js that knows no message: handlers get bytes and give bytes.
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerOptions,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

export interface GrpcHandlers {
  unary?: Record<string, handleUnaryCall<Buffer, Buffer>>;
  stream?: Record<string, handleServerStreamingCall<Buffer, Buffer>>;
  bidi?: Record<string, handleBidiStreamingCall<Buffer, Buffer>>;
}

export interface RunningGrpc {
  port: number;
  server: Server;
  /** Cuts all connections. */
  kill(): void;
}

/** @param service `package.Service`; handlers by method. */
export async function startGrpcServer(
  service: string,
  { unary = {}, stream = {}, bidi = {} }: GrpcHandlers,
  options: { port?: number; tls?: { key: string; cert: string }; server?: ServerOptions } = {},
): Promise<RunningGrpc> {
  const server = new Server(options.server);
  const same = (bytes: Buffer): Buffer => bytes;
  const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
    path: `/${service}/${name}`,
    requestStream,
    responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  });
  const definition = {
    ...Object.fromEntries(Object.keys(unary).map((name) => [name, method(name, false, false)])),
    ...Object.fromEntries(Object.keys(stream).map((name) => [name, method(name, false, true)])),
    ...Object.fromEntries(Object.keys(bidi).map((name) => [name, method(name, true, true)])),
  };
  const implementation: UntypedServiceImplementation = { ...unary, ...stream, ...bidi };
  server.addService(definition, implementation);
  const { tls } = options;
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
        ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, server, kill: () => server.forceShutdown() };
}
