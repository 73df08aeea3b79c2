// What the upstream of the SDKs' own tests says of fine-tuning, evals, skills and voices: every member that their types require.
const AT = 1_760_000_000;
const DATE = '2026-01-01T00:00:00Z';

interface Kept {
  readonly id: string;
}

const page = (one: Kept): object => ({
  object: 'list',
  data: [one],
  has_more: false,
  first_id: one.id,
  last_id: one.id,
});

const JOB = {
  id: 'ftjob-1',
  object: 'fine_tuning.job',
  created_at: AT,
  hyperparameters: {},
  model: 'made-up',
  organization_id: 'org-1',
  result_files: [],
  seed: 1,
  status: 'running',
  training_file: 'file-1',
};
const JOB_EVENT = {
  id: 'ftevent-1',
  object: 'fine_tuning.job.event',
  created_at: AT,
  level: 'info',
  message: 'x',
};
const CHECKPOINT = {
  id: 'ftckpt_1',
  object: 'fine_tuning.job.checkpoint',
  created_at: AT,
  fine_tuned_model_checkpoint: 'ft:made-up',
  fine_tuning_job_id: JOB.id,
  metrics: {},
  step_number: 1,
};
const GRADED = {
  metadata: {
    errors: {
      formula_parse_error: false,
      invalid_variable_error: false,
      model_grader_parse_error: false,
      model_grader_refusal_error: false,
      model_grader_server_error: false,
      other_error: false,
      python_grader_runtime_error: false,
      python_grader_server_error: false,
      sample_parse_error: false,
      truncated_observation_error: false,
      unresponsive_reward_error: false,
    },
    execution_time: 0.1,
    name: 'x',
    scores: {},
    type: 'string_check',
  },
  model_grader_token_usage_per_model: {},
  reward: 1,
  sub_rewards: {},
};

const EVAL = {
  id: 'eval_1',
  object: 'eval',
  created_at: AT,
  data_source_config: { schema: {}, type: 'custom' },
  name: 'x',
  testing_criteria: [],
};
const RUN = {
  id: 'evalrun_1',
  object: 'eval.run',
  created_at: AT,
  data_source: { type: 'jsonl', source: { type: 'file_content', content: [] } },
  error: { code: 'x', message: 'x' },
  eval_id: EVAL.id,
  model: 'made-up',
  name: 'x',
  per_model_usage: [],
  per_testing_criteria_results: [],
  report_url: 'https://example.com',
  result_counts: { errored: 0, failed: 0, passed: 1, total: 1 },
  status: 'completed',
};
const OUTPUT_ITEM = {
  id: 'outputitem_1',
  object: 'eval.run.output_item',
  created_at: AT,
  datasource_item: {},
  datasource_item_id: 1,
  eval_id: EVAL.id,
  results: [],
  run_id: RUN.id,
  sample: {
    error: { code: 'x', message: 'x' },
    finish_reason: 'stop',
    input: [],
    max_completion_tokens: 1,
    model: 'made-up',
    output: [],
    seed: 1,
    temperature: 1,
    top_p: 1,
    usage: { cached_tokens: 0, completion_tokens: 1, prompt_tokens: 1, total_tokens: 2 },
  },
  status: 'pass',
};

const SKILL = {
  id: 'skill_1',
  object: 'skill',
  created_at: AT,
  default_version: '1',
  description: 'x',
  latest_version: '1',
  name: 'x',
};
const SKILL_VERSION = {
  id: 'skillver_1',
  object: 'skill.version',
  created_at: AT,
  description: 'x',
  name: 'x',
  skill_id: SKILL.id,
  version: '1',
};
const CLAUDE_SKILL = {
  id: 'skill_1',
  type: 'skill',
  created_at: DATE,
  updated_at: DATE,
  display_name: 'x',
  latest_version_id: 'skillver_1',
  source: { type: 'custom' },
};
const CLAUDE_SKILL_VERSION = {
  id: 'skillver_1',
  type: 'skill_version',
  created_at: DATE,
  description: 'x',
  name: 'x',
  skill_id: CLAUDE_SKILL.id,
};

const VOICE = { id: 'voice_1', object: 'audio.voice', created_at: AT, name: 'x', type: 'audio_sample' };
const CONSENT = { id: 'cons_1', object: 'audio.voice_consent', created_at: AT, language: 'en', name: 'x' };

function fineTuning(method: string, rest: string): object {
  const [what, item, below] = rest.split('/');
  if (what === 'alpha') return below === 'run' ? GRADED : {};
  if (below === 'events') return page(JOB_EVENT);
  if (below === 'checkpoints') return page(CHECKPOINT);
  return method === 'GET' && item === undefined ? page(JOB) : JOB;
}

function evaluation(method: string, rest: string): object {
  const [id = '', runs, run, items, item] = rest.split('/');
  if (items === 'output_items') return item === undefined ? page(OUTPUT_ITEM) : OUTPUT_ITEM;
  if (method === 'DELETE') {
    return runs === undefined
      ? { object: 'eval.deleted', deleted: true, eval_id: EVAL.id }
      : { object: 'eval.run.deleted', deleted: true, run_id: RUN.id };
  }
  if (runs === undefined) return method === 'GET' && id === '' ? page(EVAL) : EVAL;
  return method === 'GET' && run === undefined ? page(RUN) : RUN;
}

function skill(method: string, rest: string, anthropic: boolean): object {
  const [id = '', versions, version] = rest.split('/');
  if (rest.endsWith('/content')) return { text: 'Hello' };
  const ofVersion = versions === 'versions';
  if (anthropic) {
    const one = ofVersion ? CLAUDE_SKILL_VERSION : CLAUDE_SKILL;
    if (method === 'DELETE') return { id: one.id, type: `${one.type}_deleted` };
    const list = method === 'GET' && (ofVersion ? version === undefined : id === '');
    return list ? { data: [one], has_more: false, next_page: null } : one;
  }
  const one = ofVersion ? SKILL_VERSION : SKILL;
  if (method === 'DELETE') {
    return { id: one.id, object: `${one.object}.deleted`, deleted: true, ...(ofVersion && { version: '1' }) };
  }
  return method === 'GET' && (ofVersion ? version === undefined : id === '') ? page(one) : one;
}

/** @param rest behind `/v1/audio/`. @returns null = it is none of these */
function voice(method: string, rest: string): object | null {
  const [what, id] = rest.split('/');
  if (what === 'voices') {
    return method === 'DELETE' ? { id: VOICE.id, object: 'audio.voice.deleted', deleted: true } : VOICE;
  }
  if (what !== 'voice_consents') return null;
  if (method === 'DELETE') return { id: CONSENT.id, object: CONSENT.object, deleted: true };
  return method === 'GET' && id === undefined ? page(CONSENT) : CONSENT;
}

/** @param kind the first segment behind `/v1/`. @param rest what comes behind that. @returns null = it is none of these */
export function furtherObject(method: string, kind: string, rest: string, anthropic: boolean): object | null {
  switch (kind) {
    case 'fine_tuning':
      return fineTuning(method, rest);
    case 'evals':
      return evaluation(method, rest);
    case 'skills':
      return skill(method, rest, anthropic);
    case 'audio':
      return voice(method, rest);
    default:
      return null;
  }
}
