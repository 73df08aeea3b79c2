// A mock provider and a gateway for a whole test file: started before its tests, stopped after, output shown on failure.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type GatewayOptions, type GatewayProcess, startGateway } from './gateway.ts';
import { type MockUpstream, startMock } from './mock-upstream.ts';
import { type ConfigParts, testConfig } from './test-config.ts';

export interface Harness {
  readonly mock: MockUpstream;
  readonly gateway: GatewayProcess;
  /** For clients: `{ url }` of the gateway. */
  readonly url: string;
  readonly port: number;
}

export interface HarnessOptions extends Omit<GatewayOptions, 'config'> {
  /** Tests run side by side: the mock forgets no request between them, and each test looks for its own model. */
  concurrent?: boolean;
}

/** Registers the hooks; `parts` is testConfig's, or makes the configuration from the mock. */
export function useGateway(
  parts: ConfigParts | ((mock: MockUpstream) => ConfigParts) = {},
  options: HarnessOptions = {},
): Harness {
  let mock: MockUpstream | undefined;
  let gateway: GatewayProcess | undefined;
  beforeAll(async () => {
    mock = await startMock();
    const config = testConfig(mock, typeof parts === 'function' ? parts(mock) : parts);
    gateway = await startGateway({ ...options, config });
  });
  if (options.concurrent !== true) beforeEach(() => mock?.clear());
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') showOutput(gateway);
  });
  afterAll(async () => {
    // Whatever the tests of the file did to it: no request may end a worker.
    const ended = gateway?.logs().filter((entry) => entry['msg'] === 'worker ended') ?? [];
    await gateway?.stop(3_000);
    await mock?.close();
    if (ended.length > 0) throw new Error(`a worker ended during the tests: ${JSON.stringify(ended)}`);
  });
  return {
    get mock() {
      return started(mock);
    },
    get gateway() {
      return started(gateway);
    },
    get url() {
      return started(gateway).url;
    },
    get port() {
      return started(gateway).port;
    },
  };
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('used before it was started');
  return value;
}

/** Prints the end of a gateway's output, for a test that failed; before it what it said beside good answers, of which there may be many. */
export function showOutput(gateway: GatewayProcess | undefined): void {
  if (gateway === undefined) return;
  const lines = gateway.output().split('\n');
  const telling = lines.filter((line) => !(line.includes('"msg":"request"') && line.includes('"status":2')));
  const [said, tail] = [telling, lines].map((some) => some.join('\n').slice(-3_000));
  if (tail !== '') console.log(`--- gateway ${gateway.pid} ---\n${said}\n--- its end ---\n${tail}`);
}
