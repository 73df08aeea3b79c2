import type { ModelListCodec } from '../../contracts/model-list.ts';
import { arrayAt, stringAt } from '../lenient.ts';
import { readModels } from '../model-list.ts';
import { isObject } from '../read.ts';

/** `GET /models`: resource names under `models`, in pages of a thousand at most (50 when not asked for more). */
export const modelList: ModelListCodec = {
  address: (after) =>
    `/models?pageSize=1000${after === null ? '' : `&pageToken=${encodeURIComponent(after)}`}`,
  read(body) {
    if (!isObject(body) || !Array.isArray(body['models'])) return null;
    const entries = arrayAt(body, 'models').map((entry) => {
      if (!isObject(entry)) return null;
      const id = stringAt(entry, 'name')?.replace(/^models\//, '') ?? '';
      return { id, display_name: stringAt(entry, 'displayName') };
    });
    return { models: readModels(entries, () => null), next: stringAt(body, 'nextPageToken') || null };
  },
};
