// In which order test files begin: the longest first, so that none is left over at the end while the other cores have nothing to do. Vitest
// knows how long each took only where it ran before, which a clean clone has not.
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = path.resolve(import.meta.dirname, '../..');

/** Files that take seconds, by how many of them (of a whole scripts/test); what is not named comes behind. */
const LONGEST = [
  'tests/conformance/dialect.test.ts',
  'tests/fuzz/damaged-streams.test.ts',
  'tests/conformance/pairs-3.test.ts',
  'tests/conformance/pairs-1.test.ts',
  'workers/thread-pool.test.ts',
  'tests/conformance/pairs-2.test.ts',
  'gatehouse/api/fuzz.test.ts',
  'cluster/cli.test.ts',
  'src/dns/names.test.ts',
  'src/upstream/compressed-answers.test.ts',
  'cluster/views/doctor.test.ts',
  'bench/peers/serve.test.ts',
  'src/upstream/lean-client.test.ts',
  'cluster/crew/port.test.ts',
  'bench/load/unary-run.test.ts',
  'src/limiter/limit-plan.test.ts',
  'src/pipeline/guardrails/product.test.ts',
  'tests/golden/translation.test.ts',
  'src/vectors/pgvector.test.ts',
  'src/http/sockets/chat-socket.test.ts',

  'tests/peers/peers.test.ts',
  'tests/integration/image/dockerfile.test.ts',
  'tests/integration/slow-client.test.ts',
  'tests/peers/sdks.test.ts',
  'tests/integration/faults.test.ts',
  'tests/ui/behaviour.test.ts',
  'tests/faults/catalogue.test.ts',
  'tests/peers/gemini-cli.test.ts',
  'tests/integration/redis/gateways.test.ts',
  'tests/integration/slow-reader.test.ts',
  'tests/integration/proxies.test.ts',
  'tests/peers/schemathesis.test.ts',
  'tests/integration/redis/topologies.test.ts',
  'tests/integration/redis/accuracy.test.ts',
  'tests/integration/cluster/start.test.ts',
  'tests/integration/limits/rates.test.ts',
  'tests/integration/protocol.test.ts',
  'tests/integration/redis/faults.test.ts',
  'tests/ui/write-sides.test.ts',
  'tests/ui/pages.test.ts',
  'tests/integration/redis/killed-worker.test.ts',
  'tests/integration/postgres/gateways.test.ts',
  'tests/integration/cluster/reload.test.ts',
  'tests/peers/claude-code.test.ts',
  'tests/ui/first-run.test.ts',
  'tests/integration/cluster/secrets.test.ts',
  'tests/peers/codex.test.ts',
  'tests/integration/cluster/crew.test.ts',
  'tests/integration/limits/orphans.test.ts',
  'tests/integration/postgres/store.test.ts',
  'tests/integration/redis/shared-rests.test.ts',
  'tests/integration/cluster/drain.test.ts',
  'tests/integration/cluster/primary-killed.test.ts',
  'tests/peers/python-sidecar.test.ts',
  'tests/integration/limits/budgets.test.ts',
  'tests/integration/cluster/roll.test.ts',
  'tests/integration/redis/chat-socket.test.ts',
  'tests/integration/abort.test.ts',
  'tests/integration/cluster/checkout.test.ts',
  'tests/clients/matrix.test.ts',
  'tests/integration/cluster/keys.test.ts',
  'tests/peers/model-server.test.ts',
  'tests/integration/cluster/accept-queue.test.ts',
  'tests/integration/admin/litellm.test.ts',
  'tests/integration/redis/shared-cache.test.ts',
  'tests/integration/credentials.test.ts',
  'tests/integration/others-objects.test.ts',
  'tests/faults/every-client.test.ts',
  'tests/integration/heartbeat.test.ts',
  'tests/integration/admin/keys.test.ts',
  'tests/integration/names.test.ts',
  'tests/integration/kept-bytes.test.ts',
  'tests/integration/admin/ledger.test.ts',
  'tests/clients/rate-limits.test.ts',
  'tests/clients/ai-sdk.test.ts',
  'tests/clients/errors.test.ts',
  'tests/clients/langchain.test.ts',
  'tests/clients/embeddings.test.ts',
  'tests/clients/bedrock-sdk.test.ts',
  'tests/clients/model-list.test.ts',
];

const places = new Map(LONGEST.map((file, place) => [path.join(root, file), place]));

/** A name of a file that is gone costs nothing. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => places.get(moduleId) ?? LONGEST.length;
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
