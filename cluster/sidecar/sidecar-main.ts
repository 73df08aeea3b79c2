// A gateway beside one program, in one process: one worker, on loopback, for as long as the program runs. The program's libraries are
// pointed at it by their environment, with a key made for this run; the provider's keys stay with the gateway.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import path from 'node:path';
import { createDistantConfig } from '../config/distant-config.ts';
import { sdkEnvironment } from '../edge/agents.ts';
import { runChild } from '../edge/child.ts';
import type { Guest } from '../crew/guest.ts';
import { readHere, runPrimary } from '../primary/main.ts';
import { LOOPBACK, type SidecarOrder } from './sidecar-order.ts';

/** The program is gone: nobody is there any more to drain for. */
const STOP_MS = 5_000;
/** What ends a program that says nothing else. A worker leaves them to its primary, and the program that gets them is not there yet. */
const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Ends the process as the program ended.
 * @param workerEntry undefined = the worker's own. @param started the gateway listens
 * @throws ConfigError, PortError
 */
export async function runSidecar(
  order: SidecarOrder,
  workerEntry: string | undefined,
  started: () => void,
): Promise<void> {
  const { added, program, args, configFile, port } = order;
  const key = `hg-sidecar-${randomBytes(24).toString('base64url')}`;
  for (const name of added) delete process.env[name];
  const theirs: NodeJS.ProcessEnv = { ...process.env };
  Object.assign(process.env, gatewayVariables(port, key, theirs));
  const heard = endBySignals();
  const guest: Guest = {
    run(open) {
      heard();
      started();
      const url = `http://${LOOPBACK}:${open}`;
      const sdks = sdkEnvironment({ url, key });
      const child = runChild(program, args, { ...theirs, ...sdks, HEADGATE_SIDECAR_URL: url });
      // By a fault of the gateway's: whoever runs us starts both again.
      const abandoned = (): void => {
        process.stderr.write('headgate: the gateway ended before its program, which is told to end\n');
        child.stop();
      };
      process.on('exit', abandoned);
      return child.ended.then((code) => {
        process.off('exit', abandoned);
        setTimeout(() => process.exit(code), STOP_MS).unref();
        return code;
      });
    },
  };
  const reader = path.join(
    import.meta.dirname,
    `../config/config-reader${path.extname(import.meta.filename)}`,
  );
  const source = createDistantConfig(reader, () => readHere(process.env, () => undefined));
  await runPrimary({ configFile, source, guest, workerEntry, port });
}

/** @returns somebody else hears them from now on. */
function endBySignals(): () => void {
  const handlers = ENDING.map((signal) => {
    const end = (): void => process.exit(128 + constants.signals[signal]);
    process.on(signal, end);
    return [signal, end] as const;
  });
  return () => {
    for (const [signal, end] of handlers) process.off(signal, end);
  };
}

function gatewayVariables(
  port: number,
  key: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return {
    HEADGATE_HOST: LOOPBACK,
    HEADGATE_PORT: String(port),
    HEADGATE_WORKERS: '1',
    HEADGATE_ONE_PROCESS: '1',
    HEADGATE_THREADS: env['HEADGATE_THREADS'] ?? '0',
    // Setting it takes a process of its own, and nobody waits behind the one client.
    HEADGATE_RECEIVE_BUFFER_BYTES: env['HEADGATE_RECEIVE_BUFFER_BYTES'] ?? '0',
    HEADGATE_ADMIN: env['HEADGATE_ADMIN'] ?? 'off',
    HEADGATE_API_KEYS: `sidecar=${key}`,
    // Who wants its lines finds them on stderr; a fault is told there in any case.
    HEADGATE_LOG_LEVEL: env['HEADGATE_LOG_LEVEL'] ?? 'fatal',
    HEADGATE_ACCESS_LOG: env['HEADGATE_ACCESS_LOG'] ?? 'off',
  };
}
