// All scenarios, in the order in which they run: what is quick and tells most first.
import type { Scenario } from '../contract.ts';
import { bytePaths } from './byte-paths.ts';
import { cpu } from './cpu.ts';
import { cpuStream } from './cpu-stream.ts';
import { faults } from './faults.ts';
import { features } from './features.ts';
import { holdBack } from './hold-back.ts';
import { memory } from './memory.ts';
import { mixed } from './mixed.ts';
import { otherEndpoints } from './other-endpoints.ts';
import { overhead } from './overhead.ts';
import { overload } from './overload.ts';
import { policies } from './policies.ts';
import { scaling } from './scaling.ts';
import { start } from './start.ts';
import { streams } from './streams.ts';
import { throughput } from './throughput.ts';
import { translate } from './translate.ts';
import { ttft } from './ttft.ts';
import { workloadA } from './workload-a.ts';
import { workloadAJob } from './workload-a-job.ts';
import { workloadB } from './workload-b.ts';
import { workloadC } from './workload-c.ts';

export const scenarios: readonly Scenario[] = [
  overhead,
  throughput,
  cpu,
  cpuStream,
  ttft,
  streams,
  translate,
  bytePaths,
  policies,
  features,
  holdBack,
  mixed,
  overload,
  otherEndpoints,
  memory,
  scaling,
  start,
  workloadA,
  workloadAJob,
  workloadB,
  workloadC,
  faults,
];
