// What `headgate help` prints.
import { ADMIN_HELP } from './admin-command.ts';
import { AUDIT_HELP } from './audit-command.ts';
import { RESOURCE_HELP } from './admin-resources.ts';
import { EDGE_HELP } from '../edge/command.ts';
import { LOG_HELP } from './log-command.ts';

export const HELP = `headgate: an AI gateway. One gate in front of every model provider, isolated lanes behind it.

Usage
  headgate start   [--config FILE] [--port N]   run the gateway
  headgate check   [--config FILE] [--port N]   validate the configuration without starting, and show it
                   [--key NAME] [--model NAME]  and the limits a call of that key to that model would meet
  headgate doctor  [--config FILE] [--port N]   try everything it would lean on: providers and keys, Redis, store, kernel
  headgate models  [--config FILE]              list public model names and where they lead
  headgate import  litellm|bifrost FILE         print another gateway's file as ours; what has no counterpart, on stderr
  headgate schema  [--markdown]                 print the JSON Schema of the file (or the reference tables)
  headgate cache calibrate --pairs FILE         how often thresholds of the semantic cache are right, over labelled pairs
                   [--model NAME --url URL]     by the vectors of a model that this gateway serves; HEADGATE_API_KEY
                   --log [--since 7d] [--limit 300] [--write FILE]   over the log's kept bodies, in place of --pairs
  headgate plugin new NAME                      a plugin that works, with a test, in a folder of its own
${ADMIN_HELP}${AUDIT_HELP}${RESOURCE_HELP}${LOG_HELP}${EDGE_HELP}  headgate version                              print the version
  headgate help                                 print this text

In a checkout the command is scripts/headgate; scripts/start is \`scripts/headgate start\`.

Options
  -c, --config FILE   configuration, YAML or JSON (else HEADGATE_CONFIG, else headgate.yaml here if there is one)
  -p, --port N        port to listen on; over file and environment
  --key NAME          of a client key, as the configuration calls it
  --model NAME        as a client would write it
  --markdown          of \`schema\`: the reference tables of docs/configuration.md
  -h, --help          this text
  -v, --version       the version

Examples
  OPENAI_API_KEY=sk-… headgate start            every provider whose key is in the environment is on
  headgate start                                with no key at all, a built-in demo answers
  HEADGATE_API_KEYS=app=$(openssl rand -hex 24) headgate start --config prod.yaml --port 9000
  headgate check --config prod.yaml && kill -HUP <pid>      reload what was checked

Environment most often used (all of it: docs/configuration.md)
  OPENAI_API_KEY, ANTHROPIC_API_KEY, MISTRAL_API_KEY, …     turn a provider on
  HEADGATE_API_KEYS       keys that clients present, comma-separated; without any only loopback is served
  HEADGATE_PORT, HEADGATE_HOST, HEADGATE_WORKERS            8080, 0.0.0.0 with keys, one per core
  HEADGATE_CONCURRENCY, HEADGATE_QUEUE                      per provider: calls in flight, calls waiting
  HEADGATE_DRAIN_TIMEOUT_MS, HEADGATE_PRE_STOP_MS           how SIGTERM is answered
  HEADGATE_LOG_LEVEL, HEADGATE_ACCESS_LOG                   info, on
  HEADGATE_LOG_FORMAT                                       readable on a terminal, JSON elsewhere

Exit codes
  0  done    1  configuration or start failed    2  wrong command line
`;
