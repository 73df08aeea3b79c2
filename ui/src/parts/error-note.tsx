// What failed, whose it is, and the offer to try again.
import type { Problem } from '../api/problem.ts';

export function ErrorNote({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div class="note bad-note" role="alert">
      <p>{problem.message}</p>
      <p class="small muted">
        {whose(problem)}
        {problem.requestId !== '' && (
          <>
            {' '}
            Request <code class="break">{problem.requestId}</code>.
          </>
        )}
      </p>
      {again !== undefined && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

function whose({ status, code }: Problem): string {
  if (status === 0) return 'Nothing was changed. This page goes on as soon as there is an answer.';
  if (status === 403) return 'Your role does not allow it; an administrator can change that under Settings.';
  if (code === 'version_conflict') return 'Somebody else changed it meanwhile. What you wrote is still here.';
  if (status === 404) return 'It may have been removed, or this gateway was built without it.';
  if (status === 503) return 'Calls of models go on; only the administration is away for the moment.';
  if (status >= 500) return 'The fault is the gateway’s. Its log has the reason under this id.';
  return '';
}
