import { VolleyError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';

/**
 * The notifications are kept as a campaign is, and are none that anybody sent, stops or puts away.
 * @param instead what does to them the nearest to it
 * @throws VolleyError `bad_input`
 */
export function refuseNotifications(verb: string, id: string, instead: string): void {
  if (id !== NOTIFICATIONS) return;
  throw new VolleyError(
    'bad_input',
    `${verb}: expected a campaign of a list, got ${NOTIFICATIONS}; ${instead}`,
  );
}
