import { expect, test } from 'vitest';
import { modelList } from './model-list.ts';
import { modelPath, resourceName } from './model-path.ts';

test('a page of models names them without their collection, and where it goes on', () => {
  const page = {
    models: [
      { name: 'models/gemini-x', displayName: 'Gemini X' },
      { name: 'tunedModels/y' },
      { name: '' },
      null,
      {},
    ],
    nextPageToken: 'a b',
  };
  expect(modelList.read(page)).toEqual({
    models: [
      { id: 'gemini-x', displayName: 'Gemini X', createdMs: null },
      { id: 'tunedModels/y', displayName: null, createdMs: null },
    ],
    next: 'a b',
  });
  expect(modelList.address('a b')).toBe('/models?pageSize=1000&pageToken=a%20b');
  expect(modelList.read({ data: [] })).toBeNull();
  expect(modelList.read({ models: [], nextPageToken: '' })).toEqual({ models: [], next: null });
});

test.each([
  ['gemini-2.5-pro', '/models/gemini-2.5-pro:v', 'models/gemini-2.5-pro'],
  ['models/m', '/models/m:v', 'models/m'],
  ['tunedModels/m-1', '/tunedModels/m-1:v', 'tunedModels/m-1'],
  ['publishers/google/models/m', '/publishers/google/models/m:v', 'publishers/google/models/m'],
  ['a/b', '/models/a%2Fb:v', 'models/a/b'],
  ['../x', '/models/..%2Fx:v', 'models/../x'],
  ['m?x=1#y', '/models/m%3Fx%3D1%23y:v', 'models/m?x=1#y'],
  ['projects/../../x', '/models/projects%2F..%2F..%2Fx:v', 'models/projects/../../x'],
])('the model %s is asked at %s', (model, path, name) => {
  expect(modelPath(model, 'v')).toBe(path);
  expect(resourceName(model)).toBe(name);
});
