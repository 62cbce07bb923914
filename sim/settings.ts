import { type Config, readConfig } from '../container/src/config.ts';
import { UsageError } from '../lib/command-line.ts';

/** Variables of the container that the simulator's instances follow. */
export const SETTING_NAMES = ['ASR_CATCH_UP_RATE', 'SENTENCE_CHECKPOINTS', 'DB_WRITES_PER_SECOND'] as const;
type SettingName = (typeof SETTING_NAMES)[number];
/** Their values, where a container is told otherwise than by default. */
export type ContainerSettings = Readonly<Partial<Record<SettingName, string>>>;

/** The container does not start without them; nothing that is simulated looks at them. */
const REQUIRED = {
  TCB_ENV: 'simulated',
  TICKET_SECRET: 'simulated'.repeat(4),
  TENCENT_APPID: '1',
  TENCENT_SECRET_ID: 'simulated',
  TENCENT_SECRET_KEY: 'simulated',
  CLOUDBASE_APIKEY: 'simulated',
};

/** What the container makes of them. @throws UsageError it would not start */
export function configOf(settings: ContainerSettings): Config {
  const read = readConfig({ ...REQUIRED, ...settings });
  if ('problems' in read) throw new UsageError(read.problems.join('；'));
  return read.config;
}

const isSetting = (name: string): name is SettingName => (SETTING_NAMES as readonly string[]).includes(name);

/** @param given `NAME=value` each @throws UsageError there is no such setting, or the container does not take the value */
export function readSettings(given: readonly string[]): ContainerSettings {
  const settings: Partial<Record<SettingName, string>> = {};
  for (const setting of given) {
    const [name = '', value = ''] = setting.split('=');
    if (!isSetting(name)) throw new UsageError(`没有设置 ${setting}：只有 ${SETTING_NAMES.join('、')}`);
    settings[name] = value;
  }
  configOf(settings);
  return settings;
}
