// Members of requests, at any depth, that name what a provider keeps for a key. Which of them a body has is noted in the one pass there is
// (body/noted-keys.ts); what they name is read by names/object-names.ts.

/** Their values are names: a text, or a list of them. */
export const NAMING_MEMBERS: readonly string[] = [
  'file_id',
  'file_ids',
  'fileUri',
  'file_uri',
  'cachedContent',
  'cached_content',
  'vector_store_id',
  'vector_store_ids',
  'file_search_store_names',
  'fileSearchStoreNames',
  'training_file',
  'training_files',
  'validation_file',
  'validation_files',
  'container',
  'container_id',
  'comparison_response_id',
];

/**
 * Each holds the id of something of somebody's own, or an object with one; or else a word that is everybody's (`alloy`, `pptx`), or an
 * address: only what looks like an id is looked up.
 */
export const HOLDING_MEMBERS: readonly string[] = [
  'voice',
  'voice_id',
  'skill_id',
  'consent',
  'video',
  'characters',
  'uri',
  'environment',
];
