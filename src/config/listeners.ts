// From `server.listeners` to the one of uWebSockets.js, which every gateway has, and those of node beside it.
import type { ServerConfig } from '../contracts/server-config.ts';
import type { ListenerTls, NodeListenerConfig } from '../contracts/listener.ts';
import type { BuildContext } from './build-context.ts';
import { certificatesFault, keyPairFault } from './certificates.ts';
import { DEFAULT_LISTENER } from './schema/defaults.ts';
import type { FileConfig } from './schema/schema.ts';

type Entry = NonNullable<NonNullable<FileConfig['server']>['listeners']>[number];
type Path = Parameters<BuildContext['report']>[0];

/** @param host of `server.port`, as access.ts decided. @param onlyHere nobody but this machine may call. */
export function buildListeners(
  { server }: FileConfig,
  host: string,
  onlyHere: boolean,
  context: BuildContext,
): Pick<ServerConfig, 'listeners'> & { port?: number; host?: string } {
  const built: NodeListenerConfig[] = [];
  let main: { port?: number; host?: string } | null = null;
  const places = new Set<string>();
  for (const [index, entry] of (server?.listeners ?? []).entries()) {
    const path: Path = ['server', 'listeners', index];
    if ((entry.port === undefined) === (entry.unix === undefined)) {
      context.report(path, 'a listener has either a `port` or the path of a `unix` socket');
      continue;
    }
    const stated = entry.host?.replace(/^\[(.*)\]$/, '$1');
    const at = onlyHere ? host : (stated ?? host);
    const place = entry.unix ?? `${at} ${entry.port}`;
    if (places.has(place)) context.report(path, 'two listeners have the same place');
    places.add(place);
    if (entry.engine === 'uws' && entry.grpc === true)
      context.report([...path, 'engine'], 'gRPC is spoken by a listener of engine `node`');
    if (isPlain(entry)) {
      if (main !== null) context.report(path, 'one listener at most is of engine `uws`');
      else if (server?.port !== undefined && server.port !== entry.port)
        context.report(path, '`server.port` names another port: this listener would be in its place');
      main = { port: entry.port!, host: at };
      continue;
    }
    const listener = nodeListener(entry, at, path, context);
    if (listener !== null) built.push(listener);
  }
  return { ...main, ...(built.length === 0 ? {} : { listeners: built }) };
}

/** It says nothing that uWebSockets.js could not be. */
function isPlain({ port: _port, host: _host, engine, ...rest }: Entry): boolean {
  return engine === 'uws' || (engine === undefined && Object.keys(rest).length === 0);
}

function nodeListener(
  entry: Entry,
  host: string,
  path: Path,
  context: BuildContext,
): NodeListenerConfig | null {
  const http2 = entry.http2 ?? DEFAULT_LISTENER.http2;
  const grpc = entry.grpc ?? DEFAULT_LISTENER.grpc;
  if (http2 && !grpc && entry.tls === undefined) {
    context.report([...path, 'http2'], 'HTTP/2 is agreed on within TLS: state `tls` too');
    return null;
  }
  return {
    port: entry.port ?? null,
    host,
    unix: entry.unix ?? null,
    tls: entry.tls === undefined ? null : checkedTls(entry.tls, path, context),
    http2,
    grpc,
    keepAliveMs: entry.keepAliveMs ?? DEFAULT_LISTENER.keepAliveMs,
    proxyProtocol: entry.proxyProtocol ?? DEFAULT_LISTENER.proxyProtocol,
  };
}

function checkedTls(stated: NonNullable<Entry['tls']>, path: Path, context: BuildContext): ListenerTls {
  const { cert, key, ca, client } = stated;
  context.secret(key);
  const fault = certificatesFault(cert);
  if (fault !== null) context.report([...path, 'tls', 'cert'], fault);
  else {
    const pair = keyPairFault(cert, key);
    if (pair !== null) context.report([...path, 'tls', 'key'], pair);
  }
  const authorities = ca === undefined ? null : certificatesFault(ca);
  if (authorities !== null) context.report([...path, 'tls', 'ca'], authorities);
  if (client === 'require' && ca === undefined)
    context.report(
      [...path, 'tls', 'client'],
      'certificates of clients are checked against `ca`: state it too',
    );
  const asked = client ?? (ca === undefined ? undefined : 'require');
  return {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    ...(asked === undefined ? {} : { client: asked }),
  };
}
