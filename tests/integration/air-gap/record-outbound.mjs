// Loaded before anything else into every process of a gateway (NODE_OPTIONS=--import): writes down whatever it connects to, asks the
// name of, or sends a datagram to. A connection has to pass through here: node:net's sockets are the only ones there are.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const file = process.env.OUTBOUND_RECORD;
const record = (kind, target) =>
  appendFileSync(file, `${JSON.stringify({ kind, target, pid: process.pid })}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const {
    path,
    host = 'localhost',
    port,
  } = typeof first === 'object'
    ? first
    : { port: first, host: typeof args[1] === 'string' ? args[1] : undefined };
  record(path ? 'unix' : 'tcp', path ?? `${host}:${port}`);
  return connect.apply(this, args);
};
const { send } = dgram.Socket.prototype;
dgram.Socket.prototype.send = function (...args) {
  record('udp', args.filter((one) => typeof one === 'string' || typeof one === 'number').join(':'));
  return send.apply(this, args);
};
for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
  for (const name of Object.getOwnPropertyNames(holder)) {
    if (!/^(lookup|resolve|reverse)/.test(name) || typeof holder[name] !== 'function') continue;
    const original = holder[name];
    holder[name] = function (...args) {
      if (!net.isIP(String(args[0]))) record('name', String(args[0]));
      return original.apply(this, args);
    };
  }
syncBuiltinESMExports();
record('process', process.argv[1] ?? '');
