/** What a `send` came to, as its caller is told. */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';

/** What was enqueued. `rows = invalid + duplicate + suppressed + recipients`. */
export interface SendResult {
  /** The id. */
  campaign: string;
  rows: number;
  invalid: number;
  duplicate: number;
  suppressed: number;
  recipients: number;
  /**
   * Rows that are empty in every cell: they are no rows, and counted nowhere else. Null where a Volley before 0.2 had
   * released it, which did not count them.
   */
  blank: number | null;
  /** Requests that will be made. */
  messages: number;
  jobs: number;
  /** False where the same command had been run before. */
  released: boolean;
}

type Rows = Pick<SendResult, 'rows' | 'invalid' | 'duplicate' | 'suppressed' | 'recipients'>;

interface Size {
  blank?: number | undefined;
  messages?: number | undefined;
  jobs?: number | undefined;
}

export function sendResult(
  campaign: string,
  counts: Rows,
  { blank, messages = 0, jobs = 0 }: Size,
  released: boolean,
): SendResult {
  const { rows, invalid, duplicate, suppressed, recipients } = counts;
  return {
    campaign,
    rows,
    invalid,
    duplicate,
    suppressed,
    recipients,
    blank: blank ?? null,
    messages,
    jobs,
    released,
  };
}

/** Of a campaign that the same command had released before: what it came to then. */
export async function resultBefore(campaign: CampaignHandle): Promise<SendResult> {
  const counts = await campaign.counts();
  const record = await campaign.find();
  return sendResult(campaign.id, counts, record ?? {}, false);
}
