/** The audit's lines as CSV: one row a message, the same columns for every campaign. */
import type { AuditLine } from '../../producer/producer.ts';
import { csvLine } from './csv.ts';

const COLUMNS = {
  campaign: ({ campaign }) => campaign,
  message: ({ message }) => message,
  job: ({ job }) => job,
  state: ({ state }) => state,
  to: ({ to }) => to.join(' '),
  opted_out: ({ opted_out }) => opted_out.join(' '),
  template: ({ template }) => template,
  params: ({ params }) => JSON.stringify(params),
  plan_id: ({ plan_id }) => plan_id,
  message_id: ({ message_id }) => message_id,
  task_id: ({ task_id }) => task_id,
  total_count: ({ total_count }) => total_count,
  accepted_count: ({ accepted_count }) => accepted_count,
  http_status: ({ http_status }) => http_status,
  code: ({ code }) => code,
  detail: ({ detail }) => detail,
  attempts: ({ attempts }) => attempts.length,
  last_at: ({ attempts }) => attempts.at(-1)?.at ?? null,
  last_ms: ({ attempts }) => attempts.at(-1)?.ms ?? null,
  last_outcome: ({ attempts }) => attempts.at(-1)?.outcome ?? null,
  last_http_status: ({ attempts }) => attempts.at(-1)?.http_status ?? null,
  last_code: ({ attempts }) => attempts.at(-1)?.code ?? null,
  last_message: ({ attempts }) => attempts.at(-1)?.message ?? null,
  last_note: ({ attempts }) => attempts.at(-1)?.note ?? null,
  replays: ({ replays }) => replays.length,
  replayed_as: ({ replayed_as }) => replayed_as.join(' '),
  replayed_from: ({ replayed_from }) => replayed_from,
  enqueued_at: ({ enqueued_at }) => enqueued_at,
  finished_at: ({ finished_at }) => finished_at,
} satisfies Record<string, (line: AuditLine) => string | number | null>;

export const AUDIT_COLUMNS = Object.keys(COLUMNS);

export function auditCsvHeader(): string {
  return csvLine(AUDIT_COLUMNS);
}

export function auditCsvLine(line: AuditLine): string {
  return csvLine(Object.values(COLUMNS).map((cellOf) => cellOf(line)));
}
