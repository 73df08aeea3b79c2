// The schema of `server.heartbeat`.
import { HEARTBEAT_DIALECTS } from '../../contracts/heartbeat-config.ts';
import { DEFAULT_HEARTBEAT } from './defaults.ts';
import { duration, flag, strict } from './parts.ts';
import Type from './type.ts';

export const heartbeat = Type.Optional(
  Type.Object(
    {
      intervalMs: duration({
        description:
          'A streamed answer that says nothing for so long says that it lives: `event: ping` to clients of Messages, a blank line to those of Gemini, else a comment. Below the idle time of every balancer in front. 0 = never.',
        default: DEFAULT_HEARTBEAT.intervalMs,
        'x-env': 'HEADGATE_HEARTBEAT_MS',
      }),
      dialects: Type.Optional(
        Type.Array(Type.Enum([...HEARTBEAT_DIALECTS], { description: 'A dialect of clients.' }), {
          description:
            "Clients that are told. Not those of Chat Completions unless it is stated: some of their programs take a comment for a broken event. Bedrock's streams have nothing that a client reads past.",
          default: DEFAULT_HEARTBEAT.dialects,
          'x-env': 'HEADGATE_HEARTBEAT_DIALECTS',
        }),
      ),
      beforeAnswer: flag({
        description:
          'Also while nobody knows what the answer will be. Its status is 200 from then on, and a refusal is the last event of the stream. Not for a model with `gate: true`.',
        default: DEFAULT_HEARTBEAT.beforeAnswer,
      }),
    },
    { ...strict, description: 'Signs of life for clients whose stream is silent.' },
  ),
);
