// Which test stands for which row of the fault catalogue: upstreams (U), overload (O), processes (P), clients and protocol (C), state (S),
// access and attacks (A).
// A row that is not here has no test; one whose test is renamed or gone is found here.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const catalogue = 'tests/faults/catalogue.test.ts';
const everyClient = 'tests/faults/every-client.test.ts';
const faults = 'tests/integration/faults.test.ts';
const protocol = 'tests/integration/protocol.test.ts';
const hedge = 'src/pipeline/dispatch/hedge.test.ts';
const redisFaults = 'tests/integration/redis/faults.test.ts';
const postgres = 'tests/integration/postgres/gateways.test.ts';
const whoMay = 'gatehouse/api/who-may.test.ts';
const supervisor = 'cluster/supervisor.test.ts';

/** Id -> file, and words that stand in it: the test's title or the case. */
const ROWS: readonly (readonly [id: string, file: string, words: string])[] = [
  ['U01', catalogue, 'U01 FB01: a 429 that states its time'],
  ['U02', catalogue, 'U02 U03 FB02 FB04'],
  ['U02', everyClient, "id: 'U02'"],
  ['U03', catalogue, 'U03 FB03 FB05: a single'],
  ['U04', catalogue, 'U04 U05 FB06 FB07'],
  ['U05', everyClient, "id: 'U05'"],
  ['U06', catalogue, 'U06 FB08: a cut behind 40 of 60 tokens'],
  ['U06', everyClient, "id: 'U06'"],
  ['U07', catalogue, 'U07 FB09: a stall behind 20 tokens'],
  ['U08', catalogue, 'U08 FB10: garbage behind 40 tokens'],
  ['U09', catalogue, 'U09 FB11: a stream without [DONE]'],
  ['U10', catalogue, 'U10 FB12: a prompt that is too long'],
  ['U11', catalogue, 'U11: an error before the first content'],
  ['U12', catalogue, 'U12 FB15: while a provider is down'],
  ['U13', 'src/lanes/outage-simulation.test.ts', 'a fifth more attempts than calls over the floor'],
  ['U13', 'src/lanes/retry-budget.test.ts', 'adds at most a fifth over a floor'],
  ['U14', catalogue, 'U14 FB16: model and usage'],
  ['U15', everyClient, 'a name that does not exist'],
  ['U15', 'tests/integration/names.test.ts', 'a provider whose name is looked up for ever'],
  ['U17', faults, 'U17'],
  ['U18', everyClient, "id: 'U18'"],
  ['U19', faults, 'the keep-alive race is repeated in silence'],
  ['U20', catalogue, 'U20 FB14'],
  ['U21', everyClient, "id: 'U21'"],
  ['U22', catalogue, 'U22: within a tool call'],
  ['U23', hedge, 'is sent to the next target too, and who is first answers'],
  ['U23', 'src/routing/hedge-budget.test.ts', 'of any run of calls no more than its part is hedged'],
  ['O02', 'src/lanes/class-queue.test.ts', 'the last of the lowest class is the first to go'],
  ['O02', 'src/pipeline/overload.test.ts', 'refuses the lower classes first, and all at last'],
  ['O03', 'src/lanes/gradient.test.ts', 'O03: falls within ten windows'],
  ['O05', 'tests/integration/lanes.test.ts', 'who waits too long gets a 503 after the queue timeout'],
  ['P02', 'tests/integration/limits/orphans.test.ts', 'P02'],
  ['P03', 'tests/integration/cluster/reload.test.ts', 'SIGHUP twenty times under load'],
  ['P04', 'tests/integration/cluster/accept-queue.test.ts', 'P04'],
  ['P05', 'tests/integration/cluster/drain.test.ts', 'SIGTERM lets open streams end'],
  [
    'P06',
    'tests/integration/cluster/drain.test.ts',
    'what is still open at the deadline ends in an error event',
  ],
  ['P07', 'cluster/watchdog.test.ts', 'gives up a worker that was silent'],
  ['P08', supervisor, 'forks at most ten times a minute'],
  ['P08', supervisor, 'waits twice as long each time'],
  [
    'P11',
    'tests/integration/cluster/roll.test.ts',
    'readiness of the gateway stays green while its workers roll',
  ],
  ['C01', protocol, 'a head that trickles in is dropped'],
  ['C02', protocol, 'a body that does not come is a 408'],
  ['C03', 'tests/integration/slow-reader.test.ts', 'C03'],
  ['C05', protocol, 'endless chunks are a 413 at the cap'],
  ['C06', protocol, '8 KB of token and 60 headers are fine'],
  ['C07', protocol, 'two different content-lengths'],
  ['C08', protocol, 'pipelined requests end the connection at once'],
  ['C09', protocol, 'a lone surrogate escape'],
  ['C10', protocol, 'nesting of 400 000 levels'],
  ['C11', protocol, 'two models, one escaped'],
  ['C13', protocol, 'a bomb is stopped at the cap'],
  ['C14', protocol, 'a line break in a model name injects nothing'],
  ['C16', protocol, 'an absolute-form target of another host serves nobody'],
  ['C17', 'tests/integration/abort.test.ts', 'after hundreds of departures every place is free'],
  ['S01', redisFaults, 'S01'],
  ['S02', redisFaults, 'S02'],
  ['S03', redisFaults, 'S03'],
  ['S04', redisFaults, 'S04'],
  ['S05', redisFaults, 'S05'],
  ['S05', 'tests/integration/redis/gateways.test.ts', 'S05'],
  ['S06', postgres, 'with the database gone who is known goes on'],
  ['S06', postgres, 'S06: with the database frozen likewise'],
  ['S06', 'gatehouse/keep/publisher.test.ts', 'S06: with the store away'],
  ['S07', 'tests/integration/cluster/reload.test.ts', 'is also one that is cut off in the middle, or gone'],
  [
    'A02',
    'tests/integration/admin/keys.test.ts',
    'a key works once it is made, as its team may, and no longer',
  ],
  ['A02', postgres, 'a key made at one works at all, and ends at all'],
  ['A02', 'tests/integration/redis/commit-bell.test.ts', 'what was rung while Redis was away'],
  ['A03', whoMay, "describe('A03'"],
  ['A04', whoMay, 'A04: no body that makes or changes an object'],
  ['A05', 'src/media/media-fetcher.test.ts', 'where one of the addresses of its name is not allowed'],
  ['A06', 'src/cache/key.test.ts', 'never says the same of two tenants'],
  [
    'A06',
    'tests/integration/shared-answers.test.ts',
    'is for one caller alone, and a failure is not an answer',
  ],
  ['A08', 'src/observability/redact.test.ts', 'leaves no planted credential in any text around it'],
  ['A08', 'tests/integration/admin/keys.test.ts', 'no key lies in the store in the clear'],
  ['A09', 'tests/conformance/store.ts', "OR '1'='1"],
  ['A11', 'cluster/audit-command.test.ts', 'lists entries as lines that no terminal obeys'],
  ['A11', 'tests/ui/behaviour.test.ts', 'its texts as text'],
];

test.each(ROWS)('%s has its test in %s', (_, file, words) => {
  expect(readFileSync(path.join(root, file), 'utf8')).toContain(words);
});
