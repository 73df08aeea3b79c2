// An answer through the delta filters of its flow, streamed or whole. Only flows that have some come here.
import type { ChatAnswer } from '../../contracts/chat.ts';
import type { CreateDeltaQueue, DeltaFilter, DeltaOut } from '../../contracts/delta-filter.ts';
import type { StreamEncoder } from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { deltasOf } from './answer-stream.ts';
import { Gathered } from './gather-stream.ts';

/** An encoder that says what the filters let go on. */
export function filteringEncoder(encoder: StreamEncoder, filters: readonly DeltaFilter[]): StreamEncoder {
  let out: EventOut;
  const put = chain(filters, (delta) => encoder.encode(delta, out));
  return {
    get sequence() {
      return encoder.sequence ?? 0;
    },
    encode(delta, to) {
      out = to;
      put(delta);
    },
  };
}

/** A whole answer as its stream would have come out. */
export function filterAnswer(answer: ChatAnswer, filters: readonly DeltaFilter[]): ChatAnswer {
  const gathered = new Gathered();
  const put = chain(filters, (delta) => gathered.add(delta));
  for (const delta of deltasOf(answer)) put(delta);
  return gathered.answer;
}

/** The same, with somebody before the filters who takes his time. Rejects with GatewayError. */
export function filterAside(
  answer: ChatAnswer,
  create: CreateDeltaQueue,
  filters: readonly DeltaFilter[],
): Promise<ChatAnswer> {
  const gathered = new Gathered();
  const put = chain(filters, (delta) => gathered.add(delta));
  return new Promise((resolve, reject) => {
    const queue = create(
      (delta) => {
        put(delta);
        if (delta.kind === 'end') resolve(gathered.answer);
      },
      (failure) => {
        if (failure !== null) reject(failure);
      },
    );
    queue.push(deltasOf(answer));
  });
}

/** The first filter is next to the decoder. */
function chain(filters: readonly DeltaFilter[], last: DeltaOut): DeltaOut {
  return filters.reduceRight<DeltaOut>(
    (next, filter) => (delta) => {
      if (delta.kind !== 'end') filter.take(delta, next);
      else {
        filter.end(next);
        next(delta);
      }
    },
    last,
  );
}
