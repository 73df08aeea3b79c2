// Which of the SDKs' own tests are run: those of every endpoint that the gateway has. A new endpoint is a line here.

export interface Suite {
  /** Name on PyPI, with the version of requirements.txt. */
  package: string;
  /** Its test files, below the sdist's folder. */
  files: readonly string[];
  /** pytest's `-k`: what of those files belongs to an endpoint the gateway has; '' = all. */
  only: string;
  /** Further arguments of pytest that its settings ask for. */
  args: readonly string[];
  /** So many pass at least: a selection that selects nothing must not look well. */
  least: number;
}

/** Each test is there once with answers taken as they come and once with each checked strictly: the second proves all of the first. */
const STRICTLY = 'not loose';

export const suites: readonly Suite[] = [
  {
    package: 'openai',
    files: [
      'tests/api_resources/audio/test_speech.py',
      'tests/api_resources/audio/test_transcriptions.py',
      'tests/api_resources/audio/test_translations.py',
      'tests/api_resources/audio/test_voice_consents.py',
      'tests/api_resources/audio/test_voices.py',
      'tests/api_resources/beta/responses/test_input_items.py',
      'tests/api_resources/beta/responses/test_input_tokens.py',
      'tests/api_resources/beta/test_responses.py',
      'tests/api_resources/chat/completions/test_messages.py',
      'tests/api_resources/chat/test_completions.py',
      'tests/api_resources/containers/files/test_content.py',
      'tests/api_resources/containers/test_files.py',
      'tests/api_resources/conversations/test_items.py',
      'tests/api_resources/evals/runs/test_output_items.py',
      'tests/api_resources/evals/test_runs.py',
      'tests/api_resources/fine_tuning/alpha/test_graders.py',
      'tests/api_resources/fine_tuning/jobs/test_checkpoints.py',
      'tests/api_resources/fine_tuning/test_jobs.py',
      'tests/api_resources/realtime/test_calls.py',
      'tests/api_resources/realtime/test_client_secrets.py',
      'tests/api_resources/realtime/translations/test_client_secrets.py',
      'tests/api_resources/responses/test_input_items.py',
      'tests/api_resources/responses/test_input_tokens.py',
      'tests/api_resources/skills/test_content.py',
      'tests/api_resources/skills/test_versions.py',
      'tests/api_resources/skills/versions/test_content.py',
      'tests/api_resources/test_batches.py',
      'tests/api_resources/test_completions.py',
      'tests/api_resources/test_containers.py',
      'tests/api_resources/test_conversations.py',
      'tests/api_resources/test_decisions.py',
      'tests/api_resources/test_embeddings.py',
      'tests/api_resources/test_evals.py',
      'tests/api_resources/test_files.py',
      'tests/api_resources/test_images.py',
      'tests/api_resources/test_models.py',
      'tests/api_resources/test_moderations.py',
      'tests/api_resources/test_responses.py',
      'tests/api_resources/test_skills.py',
      'tests/api_resources/test_uploads.py',
      'tests/api_resources/test_vector_stores.py',
      'tests/api_resources/test_videos.py',
      'tests/api_resources/uploads/test_parts.py',
      'tests/api_resources/vector_stores/test_file_batches.py',
      'tests/api_resources/vector_stores/test_files.py',
    ],
    only: STRICTLY,
    args: [],
    least: 1_800,
  },
  {
    package: 'anthropic',
    files: [
      'tests/api_resources/messages/test_batches.py',
      'tests/api_resources/beta/messages/test_batches.py',
      'tests/api_resources/test_files.py',
      'tests/api_resources/beta/test_files.py',
      'tests/api_resources/test_messages.py',
      'tests/api_resources/test_models.py',
      'tests/api_resources/beta/test_messages.py',
      'tests/api_resources/beta/test_models.py',
      'tests/api_resources/beta/test_skills.py',
      'tests/api_resources/beta/skills/test_versions.py',
      'tests/api_resources/skills/test_versions.py',
      'tests/api_resources/test_skills.py',
    ],
    only: STRICTLY,
    args: ['-p', 'tests._alias_httpx'],
    least: 640,
  },
];
