// The schema of `load` in an entry of `providers`: a model server tells how busy it is.
import { LOAD_SOURCES } from '../../contracts/load-signal.ts';
import { duration, strict } from './parts.ts';
import Type from './type.ts';

const metric = Type.String({
  pattern: '^[A-Za-z_:][A-Za-z0-9_:]*$',
  maxLength: 200,
  'x-expected': 'the name of a metric',
});
const metrics = (description: string, fallback: string) =>
  Type.Optional(
    Type.Union([metric, Type.Array(metric, { minItems: 1 })], { description, 'x-default': fallback }),
  );

/** Where it says so. */
export const load = Type.Optional(
  Type.Object(
    {
      source: Type.Optional(
        Type.Enum(LOAD_SOURCES, {
          description:
            '`metrics`: a page of Prometheus; `loads`: GetLoads of vLLM or SGLang by gRPC; `statistics`: ModelStatistics of Triton by gRPC.',
          'x-default':
            'that of its vendor: `loads` for vllm-grpc and sglang-grpc, `statistics` for triton, else `metrics`',
        }),
      ),
      url: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 2_048,
          description: 'The page, or the server that is asked by gRPC.',
          'x-default': '`/metrics` at the root of `baseUrl`; of gRPC `baseUrl`',
        }),
      ),
      waiting: metrics(
        'Metric of requests that wait (the first of a list that the page has).',
        'those of vLLM, SGLang, llama.cpp, TGI and Triton',
      ),
      running: metrics('Metric of requests that are being answered.', 'those of the same'),
      everyMs: duration({ description: 'Asked so often, by each worker.', default: 1_000 }, 100),
      staleMs: duration({ description: 'What is older is not chosen by.', default: 5_000 }, 100),
    },
    {
      ...strict,
      description:
        'The server tells how busy it is, and strategies `least-busy` and `adaptive` choose by it (`load: {}` where its vendor is known).',
    },
  ),
);
