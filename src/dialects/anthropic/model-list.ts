import type { ModelListCodec } from '../../contracts/model-list.ts';
import { arrayAt, stringAt } from '../lenient.ts';
import { plausibleTime, readModels } from '../model-list.ts';
import { isObject } from '../read.ts';

/** `GET /v1/models`: newest first, in pages of a thousand at most (20 when not asked for more). */
export const modelList: ModelListCodec = {
  address: (after) =>
    `/v1/models?limit=1000${after === null ? '' : `&after_id=${encodeURIComponent(after)}`}`,
  read(body) {
    if (!isObject(body) || !Array.isArray(body['data'])) return null;
    const models = readModels(arrayAt(body, 'data'), (entry) =>
      plausibleTime(Date.parse(stringAt(entry, 'created_at') ?? '')),
    );
    return { models, next: body['has_more'] === true ? stringAt(body, 'last_id') : null };
  },
};
