// The shape of what comes, shown only when it has not come after 150 ms.
import { useEffect, useState } from 'preact/hooks';

const PATIENCE_MS = 150;

export function Shape({ lines = 4 }: { lines?: number }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return <div class="shape-room" />;
  return (
    <div class="shape" role="status">
      <span class="hidden-text">Loading</span>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} class="shape-line" />
      ))}
    </div>
  );
}
