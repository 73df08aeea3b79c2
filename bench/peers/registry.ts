// All gateways the bench knows, in the order of the report: ours, the yardsticks, the others.
import type { Peer } from '../contract.ts';
import { agentgateway } from './agentgateway.ts';
import { bare } from './bare.ts';
import { bifrost } from './bifrost.ts';
import { gomodel } from './gomodel.ts';
import { haproxy } from './haproxy.ts';
import { headgate } from './headgate.ts';
import { litellm } from './litellm.ts';
import { nginx } from './nginx.ts';
import { portkey } from './portkey.ts';

export const peers: readonly Peer[] = [
  headgate,
  bare,
  nginx,
  haproxy,
  agentgateway,
  gomodel,
  bifrost,
  portkey,
  litellm,
];
