import type { ModelListCodec } from '../../contracts/model-list.ts';
import { arrayAt, numberAt } from '../lenient.ts';
import { plausibleTime, readModels } from '../model-list.ts';
import { isObject } from '../read.ts';

/** `GET /models`: everything at once, under `data`; Together leaves the object around the list out. */
export const modelList: ModelListCodec = {
  address: () => '/models',
  read(body) {
    const list = Array.isArray(body)
      ? body
      : isObject(body) && Array.isArray(body['data'])
        ? arrayAt(body, 'data')
        : null;
    if (list === null) return null;
    const createdMs = (seconds: number | null) => plausibleTime(seconds === null ? null : seconds * 1000);
    return { models: readModels(list, (entry) => createdMs(numberAt(entry, 'created'))), next: null };
  },
};
