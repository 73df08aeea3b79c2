// How ioredis opens its sockets: with look-ups of ours. By itself it has none to state: it would ask the system, whose few
// threads one dead name can hold.
import { connect as connectPlain, type LookupFunction, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { AbstractConnector, type RedisOptions, SentinelConnector } from 'ioredis';

type Connector = NonNullable<RedisOptions['Connector']>;
type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;

/** What SentinelConnector does not show: its two ways to the net. */
interface SentinelWays {
  connectToSentinel(endpoint: unknown, more?: object): unknown;
  resolve(endpoint: unknown): Promise<object | null>;
}

export interface RedisConnectors {
  /** To one server by its host and port. */
  direct: Connector;
  /** To the master that Sentinels name. */
  sentinel: Connector;
}

export function redisConnectors(lookup: LookupFunction): RedisConnectors {
  class Direct extends AbstractConnector {
    readonly #options: RedisOptions;

    constructor(options: unknown) {
      // ioredis hands over the options of the client.
      const known = options as RedisOptions & { disconnectTimeout: number };
      super(known.disconnectTimeout);
      this.#options = known;
    }

    override async connect(): Promise<Stream> {
      this.connecting = true;
      // A client that was closed right after it was made opens nothing.
      await Promise.resolve();
      if (!this.connecting) throw new Error('Connection is closed.');
      const { host, port, family, tls } = this.#options;
      const tcp: TcpNetConnectOpts = {
        port: port ?? 6_379,
        host: host ?? 'localhost',
        ...(family === undefined ? {} : { family }),
        lookup,
      };
      const stream =
        tls === undefined ? connectPlain(tcp) : connectTls({ ...tcp, ...tls } as ConnectionOptions);
      readsFirst(stream);
      this.stream = stream;
      stream.once('error', (error: Error) => {
        this.firstError = error;
      });
      return stream;
    }
  }

  class Sentinels extends SentinelConnector {
    constructor(options: unknown) {
      super(options as ConstructorParameters<typeof SentinelConnector>[0]);
      // Declared private; without them there is no way to state how to look up names (ioredis has `natMap` only).
      const ways = this as unknown as SentinelWays;
      const toSentinel = ways.connectToSentinel.bind(this);
      ways.connectToSentinel = (endpoint, more) => toSentinel(endpoint, { ...more, Connector: Direct });
      const resolve = ways.resolve.bind(this);
      ways.resolve = async (endpoint) => {
        const master = await resolve(endpoint);
        // Its fields are those of net.connect and tls.connect.
        return master === null ? null : { ...master, lookup };
      };
    }

    override async connect(...args: Parameters<SentinelConnector['connect']>): Promise<Stream> {
      const stream = await super.connect(...args);
      readsFirst(stream);
      return stream;
    }
  }

  return { direct: Direct, sentinel: Sentinels };
}

/** By the words of ioredis: the timer that cuts a silent connection runs before what lies in it is read. */
function readsFirst(stream: Stream): void {
  const destroy = stream.destroy.bind(stream);
  stream.destroy = (error) => {
    if (error?.message.startsWith('Socket timeout') !== true) return destroy(error);
    const before = stream.bytesRead;
    setImmediate(() => {
      if (stream.bytesRead === before) destroy(error);
    });
    return stream;
  };
}
