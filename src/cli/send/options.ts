import type { ListFormat, OnUnconfirmed } from '../../producer/producer.ts';

/** What `volley send` was told, as commander gives it. */
export interface SendCommandOptions {
  readonly template: string;
  readonly campaign?: string;
  readonly params?: readonly string[] | 'all';
  readonly param?: Record<string, string>;
  readonly column?: Record<string, string>;
  readonly fallback?: Record<string, string>;
  readonly phoneColumn?: string;
  readonly headerRow?: number;
  readonly sheet?: string;
  readonly encoding?: string;
  readonly country?: string;
  readonly international?: true;
  readonly numbers?: 'valid' | 'possible';
  readonly allowEmpty?: true;
  readonly batchSize?: number;
  readonly maxInvalid: number;
  readonly rejects?: string;
  readonly format?: ListFormat;
  readonly at?: number;
  readonly startAt?: number;
  readonly notAfter?: number;
  readonly onUnconfirmed: OnUnconfirmed;
  readonly haltAfter?: number | 'never';
  readonly rate?: number;
  readonly recipientRate?: number;
  readonly customArg?: Record<string, string>;
  readonly planName?: string;
  readonly templateText?: string;
  readonly exclude?: string;
  readonly again?: true;
  readonly canary?: number;
  readonly dryRun?: true;
  readonly wait?: true;
  readonly yes?: true;
  readonly json?: true;
}
