import type { ModelListCodec } from '../../contracts/model-list.ts';
import { arrayAt, stringAt } from '../lenient.ts';
import { readModels } from '../model-list.ts';
import { isObject } from '../read.ts';

/** `GET /v1/models`: pages under `models`, each entry known by its `name`; only those that chat. */
export const modelList: ModelListCodec = {
  address: (after) =>
    `/v1/models?page_size=1000&endpoint=chat${after === null ? '' : `&page_token=${encodeURIComponent(after)}`}`,
  read(body) {
    if (!isObject(body) || !Array.isArray(body['models'])) return null;
    const named = arrayAt(body, 'models').map((entry) =>
      isObject(entry) ? { id: entry['name'] ?? null } : entry,
    );
    return { models: readModels(named, () => null), next: stringAt(body, 'next_page_token') || null };
  },
};
