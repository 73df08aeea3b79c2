// A way to Redis that takes long: passes bytes on in both directions, each `delayMs / 2` later. A process of its own on the
// load cores, so that the wait costs the gateway nothing but waiting.
// `node bench/scenarios/slow-proxy.ts TARGET_PORT DELAY_MS` prints the port it listens on.
import { connect, createServer, type Socket } from 'node:net';

const [targetPort, delayMs] = process.argv.slice(2).map(Number) as [number, number];

/** In order and each as late as the first: a timer per piece, all of one length. */
function pass(from: Socket, to: Socket): void {
  const later = (what: () => void): void => void setTimeout(what, delayMs / 2);
  from.setNoDelay(true);
  from.on('data', (bytes) => later(() => to.writable && to.write(bytes)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
  from.on('close', () => later(() => to.destroySoon()));
}

// Half open: one direction may have ended while bytes of the other are still on their way.
const server = createServer({ allowHalfOpen: true }, (client) => {
  const redis = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
  pass(client, redis);
  pass(redis, client);
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
// The bench may be killed; then nobody waits for this any more.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
