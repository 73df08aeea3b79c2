// One access line: its fields, and the line as the logger makes and redacts it (into a sink that keeps nothing).
// Run: scripts/node node bench/micro/log-line.ts
import { accessFields, createAccessLog } from '../../src/observability/access-log.ts';
import { settledCall } from '../../src/observability/settled-call.fixture.ts';
import { measure, report } from './measure.ts';

const call = settledCall();
const keep = (line: object): void => void line;
const fieldsOnly = createAccessLog({ info: keep });

report(
  'fields',
  measure(() => Object.keys(accessFields(call)).length),
);
report(
  'through the access log',
  measure(() => {
    fieldsOnly.write(call);
    return 1;
  }),
);
report(
  'as JSON, without redaction',
  measure(() => JSON.stringify(accessFields(call)).length),
);
