// Every scenario of the matrix, and the cells in which one cannot be as everywhere: there `instead` says what happens, or
// there is nothing to ask, because the client's API has no words for it.
import type { Cell } from './cell.ts';
import * as exchanges from './exchanges.ts';
import * as failures from './failures.ts';
import * as hardships from './hardships.ts';
import * as media from './media.ts';
import * as reasoning from './reasoning.ts';
import * as tools from './tools.ts';

export interface Exception {
  /** Names of dialects; absent = all. */
  clients?: readonly string[];
  upstreams?: readonly string[];
  reason: string;
  instead?: (cell: Cell) => Promise<void>;
}

export interface Scenario {
  name: string;
  run(cell: Cell): Promise<void>;
  except?: readonly Exception[];
}

const NO_PROOFS: readonly Exception[] = [
  { clients: ['cohere'], reason: 'Cohere has no member that could hold a proof' },
  { upstreams: ['openai-chat', 'cohere'], reason: 'no proofs are made there' },
];

const AWS_REFUSES: readonly Exception[] = [
  { clients: ['bedrock'], upstreams: ['bedrock'], reason: 'AWS refuses it, and its bytes pass as they came' },
];

export const scenarios: readonly Scenario[] = [
  { name: 'text, whole and streamed, with usage', run: exchanges.text },
  { name: 'a stream comes piece by piece', run: exchanges.pieces },
  { name: 'characters of every kind, split anywhere', run: exchanges.unicode },
  { name: 'a system prompt and several turns, in order', run: exchanges.turns },
  { name: 'parallel tools, whole and streamed, and their results', run: tools.parallelTools },
  { name: 'text before a tool call', run: tools.textBeforeTools },
  { name: 'a tool call without arguments', run: tools.noArguments },
  { name: 'big integers in arguments are not rounded', run: tools.bigIntegers },
  {
    name: 'big integers in a history are not rounded',
    run: tools.bigIntegersBack,
    except: [
      {
        clients: ['anthropic', 'gemini', 'bedrock'],
        reason: 'the SDK takes arguments as values, and JavaScript has rounded them by then',
      },
    ],
  },
  { name: 'some tool has to be called', run: tools.toolRequired },
  {
    name: 'a named tool has to be called',
    run: tools.toolNamed,
    except: [
      { clients: ['cohere'], reason: 'Cohere cannot name the tool to call' },
      {
        upstreams: ['cohere'],
        reason: 'Cohere cannot name the tool to call',
        instead: tools.toolNamedAlone,
      },
    ],
  },
  {
    name: 'no tool may be called',
    run: tools.toolNone,
    except: [
      { clients: ['bedrock'], reason: 'Converse cannot forbid tools' },
      {
        upstreams: ['bedrock'],
        reason: 'Converse cannot forbid tools',
        instead: tools.toolNoneLeftOut,
      },
    ],
  },
  { name: 'a picture, by its bytes', run: media.image },
  {
    name: 'a picture, by its address',
    run: media.imageUrl,
    except: [
      { clients: ['bedrock'], reason: 'Converse takes no addresses' },
      { upstreams: ['bedrock'], reason: 'Converse takes no addresses', instead: media.imageUrlRefused },
    ],
  },
  {
    name: 'a document',
    run: media.document,
    except: [
      { clients: ['cohere'], reason: 'Cohere takes no files' },
      { upstreams: ['cohere'], reason: 'Cohere takes no files', instead: media.documentRefused },
    ],
  },
  {
    name: 'a picture that a tool answers with',
    run: media.imageFromTool,
    except: [{ clients: ['openai-chat', 'cohere'], reason: 'results of tools are text there' }],
  },
  {
    name: 'a sound',
    run: media.audio,
    except: [
      { clients: ['openai-responses', 'anthropic', 'cohere'], reason: 'there is no sound' },
      {
        upstreams: ['openai-responses', 'anthropic', 'cohere'],
        reason: 'there is no sound',
        instead: media.audioRefused,
      },
    ],
  },
  { name: 'settings', run: exchanges.settings },
  { name: 'neighbours of one role', run: exchanges.neighbours, except: AWS_REFUSES },
  { name: 'tools with long names and rich schemas', run: tools.oddTools, except: AWS_REFUSES },
  { name: 'a tool that failed', run: tools.failedTool },
  { name: 'calls in the history and no tools any more', run: tools.toolsGone, except: AWS_REFUSES },
  {
    name: 'log probabilities',
    run: exchanges.logprobs,
    except: [
      { clients: ['anthropic', 'bedrock'], reason: 'there are none' },
      { upstreams: ['anthropic', 'bedrock'], reason: 'there are none', instead: exchanges.logprobsRefused },
    ],
  },
  {
    name: 'an answer that ends in a new word',
    run: exchanges.newStop,
  },
  {
    name: 'an answer that was withheld',
    run: exchanges.withheld,
    except: [{ upstreams: ['cohere'], reason: 'there it is an error' }],
  },
  { name: 'an answer in JSON of a schema', run: exchanges.schema },
  { name: 'an answer cut by a limit', run: exchanges.cutByLimit },
  {
    name: 'stop sequences',
    run: exchanges.stopSequences,
    except: [
      { clients: ['openai-responses'], reason: 'Responses has no stop sequences' },
      {
        upstreams: ['openai-responses'],
        reason: 'Responses has no stop sequences',
        instead: exchanges.stopSequencesCut,
      },
    ],
  },
  { name: 'tokens from a cache', run: exchanges.cachedTokens },
  {
    name: 'an answer without usage',
    run: exchanges.noUsage,
    except: [
      {
        clients: ['anthropic'],
        upstreams: ['anthropic'],
        reason: 'the SDK cannot read a stream without usage, and its bytes pass as they came',
      },
    ],
  },
  { name: 'an answer without words', run: exchanges.emptyAnswer },
  { name: 'a large request', run: hardships.large },
  { name: 'rounds of tools, each with the same beginning', run: hardships.rounds },
  { name: 'every way that bytes may come', run: hardships.transport },
  {
    name: 'JSON of no schema',
    run: hardships.jsonMode,
    except: [{ clients: ['anthropic', 'bedrock'], reason: 'there is no such mode' }],
  },
  {
    name: 'a temperature above what some take',
    run: hardships.hot,
    except: [{ clients: ['anthropic', 'bedrock', 'cohere'], reason: 'their temperatures end at 1' }],
  },
  { name: 'an empty result of a tool', run: hardships.emptyTurns, except: AWS_REFUSES },
  { name: 'a page of HTML for an error', run: hardships.htmlError },
  { name: 'thinking, whole and streamed', run: reasoning.thinking },
  { name: 'the proof of thinking returns byte for byte', run: reasoning.proofReturns, except: NO_PROOFS },
  { name: 'the proof of thinking is left out for another', run: reasoning.proofLeftOut, except: NO_PROOFS },
  {
    name: 'hidden thinking returns byte for byte',
    run: reasoning.redacted,
    except: [
      ...NO_PROOFS,
      { upstreams: ['gemini', 'openai-responses'], reason: 'thinking is not hidden apart there' },
    ],
  },
  ...[400, 401, 404, 429, 500, 503].map((status) => ({
    name: `a refusal with ${status}`,
    run: failures.refused(status),
  })),
  { name: 'an error in the middle of a stream', run: failures.errorInStream },
  { name: 'an error as the first event of a stream', run: failures.errorFirst },
  ...['cut-fin-after', 'cut-rst-after', 'cut-mid-event-after', 'end-after'].map((fault) => ({
    name: `a stream without its end (${fault})`,
    run: failures.cutStream(fault),
  })),
  { name: 'a call or a thought that breaks off', run: failures.cutInside },
  { name: 'a broken answer', run: failures.cutWhole },
  { name: "abort ends the upstream's work", run: failures.abort },
  { name: 'an unknown model', run: failures.unknownModel },
  {
    name: 'what the upstream does not have',
    run: failures.unsupported,
    except: [
      {
        clients: ['cohere'],
        upstreams: ['openai-chat', 'openai-responses', 'gemini'],
        reason: 'logprobs are had there',
        instead: exchanges.logprobs,
      },
    ],
  },
  {
    name: 'a request without a message',
    run: failures.nothingSaid,
    except: [
      { clients: ['gemini'], reason: 'the SDK itself refuses it' },
      {
        clients: ['openai-responses'],
        upstreams: ['openai-responses'],
        reason: 'a stored prompt may be all there is to say',
      },
    ],
  },
];

/** Why a scenario is not as everywhere in this cell; null when it is. */
export function exceptionFor(scenario: Scenario, client: string, upstream: string): Exception | null {
  const found = scenario.except?.find(
    ({ clients, upstreams }) =>
      (clients?.includes(client) ?? true) && (upstreams?.includes(upstream) ?? true),
  );
  return found ?? null;
}
