import { UsageError } from '../lib/command-line.ts';

/** What a container may be told otherwise than by default. */
export interface ContainerSettings {
  /** At most so many times real time, while audio waits to be heard. */
  catchUpRate?: number;
  sentenceCheckpoints?: boolean;
  /** Database requests that an instance may send a second. */
  databasePerSecond?: number;
}

/** By the variables that the container reads (container/src/config.ts). */
const READERS: Readonly<Record<string, (value: string) => ContainerSettings | undefined>> = {
  ASR_CATCH_UP_RATE: (value) => (/^[12]$/.test(value) ? { catchUpRate: Number(value) } : undefined),
  SENTENCE_CHECKPOINTS: (value) =>
    /^[01]$/.test(value) ? { sentenceCheckpoints: value === '1' } : undefined,
  DB_WRITES_PER_SECOND: (value) =>
    /^(?:[1-9]\d{0,2}|1000)$/.test(value) ? { databasePerSecond: Number(value) } : undefined,
};
export const SETTING_NAMES = Object.keys(READERS);

/** @param given `NAME=value` each @throws UsageError there is no such setting, or the value is none */
export function readSettings(given: readonly string[]): ContainerSettings {
  return Object.assign(
    {},
    ...given.map((setting) => {
      const [name = '', value = ''] = setting.split('=');
      const read = Object.hasOwn(READERS, name) ? READERS[name]?.(value) : undefined;
      if (!read) throw new UsageError(`没有设置 ${setting}：${SETTING_NAMES.join('、')}，等号后面是值`);
      return read;
    }),
  );
}
