/**
 * One campaign in one Redis: the connection, the keys and the id, which whatever is asked of a
 * campaign or done to it needs together. It alone says that there is no such campaign.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import type { CampaignKeys, FleetKeys, Keys } from '../redis/keys.ts';
import { type CampaignCounts, type CampaignRecord, readCampaign, readCounts } from './campaign.ts';

export class CampaignHandle {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly id: string;
  /** The campaign's own keys. */
  readonly own: CampaignKeys;

  constructor(redis: Redis, keys: Keys, id: string) {
    this.redis = redis;
    this.keys = keys;
    this.id = id;
    this.own = keys.campaign(id);
  }

  get fleet(): FleetKeys {
    return this.keys.fleet;
  }

  /** @returns undefined where there is no such campaign */
  find(): Promise<CampaignRecord | undefined> {
    return readCampaign(this.redis, this.keys, this.id);
  }

  /** @throws VolleyError `not_found` */
  async record(): Promise<CampaignRecord> {
    const record = await this.find();
    if (record) return record;
    const isLeft = (await this.redis.exists(this.own.counts)) === 1;
    throw isLeft ? noRecord(this.id) : noCampaign(this.id);
  }

  /** All of zero where there is no such campaign. */
  counts(): Promise<CampaignCounts> {
    return readCounts(this.redis, this.keys, this.id);
  }
}

/** Its counts would have gone with it, had it been Volley. */
function noRecord(id: string): VolleyError {
  const words = 'another program, or Redis, removed its record; nothing further of it is sent';
  return new VolleyError('not_found', `campaign ${id}: ${words}`);
}

export function noCampaign(id: string): VolleyError {
  return new VolleyError('not_found', `no campaign ${id}; volley campaigns lists them`);
}
