/**
 * What the command and the server use of a producer and a program does not: calls that are one step
 * where a program's are several, or that give more than a program should rely on.
 */
import { readCampaign } from '../shared/campaign/campaign.ts';
import { readBrakes } from '../shared/campaign/queue-brakes.ts';
import type { Keys } from '../shared/redis/keys.ts';
import type { Calls } from './connection/calls.ts';
import { Fleet } from './control/fleet.ts';
import type { AuditFilter, AuditLine } from './report/audit.ts';

export class Inside {
  readonly fleet: Fleet;
  readonly #calls: Calls;
  readonly #keys: Keys;

  constructor(calls: Calls, keys: Keys) {
    this.#calls = calls;
    this.#keys = keys;
    this.fleet = new Fleet(keys.fleet, (work) => calls.use(work));
  }

  /** Whether Redis is there at this moment, as far as is known. */
  get isConnected(): boolean {
    return this.#calls.connection.current !== undefined;
  }

  /** What another program has set on a campaign's queue in BullMQ, in words; undefined where nothing is. */
  heldUp(id: string): Promise<string | undefined> {
    return this.#calls.use(async (redis) => {
      const { stops, slows } = await readBrakes(redis, this.#keys.campaign(id));
      return stops ?? slows;
    });
  }

  /** When a campaign was created, Unix ms; undefined where there is none. */
  createdAt(id: string): Promise<number | undefined> {
    return this.#calls.use(async (redis) => {
      return (await readCampaign(redis, this.#keys, id))?.created_at;
    });
  }

  /**
   * As `Producer.audit`, some hundred lines at a time: one by one, a million of them take their
   * time.
   */
  async *auditPieces(
    id: string | undefined,
    filter?: AuditFilter,
  ): AsyncGenerator<AuditLine[], void> {
    const { audit } = await import('./report/audit.ts');
    yield* this.#calls.stream((redis) => audit(redis, this.#keys, id, filter));
  }
}
