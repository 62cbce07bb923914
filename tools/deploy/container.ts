import { accessTypesOf, type ContainerSpec } from './description.ts';
import type { CloudServiceConfig } from './manager.ts';
import { codeOfRecord, type DeployRecord, formatRecord, RECORD_VARIABLE } from './record.ts';
import type { Releases } from './releases.ts';
import { mergeVariables, type VariableDifference, variableChanges, variableNotes } from './variables.ts';
import { accessText, containerText } from './words.ts';

/** Settings under the names of the API. */
export type Settings = CloudServiceConfig;
type SettingName = keyof Settings;

/** What the description asks for, but the variables. */
export const wantedSettings = (spec: ContainerSpec): Required<Omit<Settings, 'EnvParams'>> => ({
  OpenAccessTypes: accessTypesOf(spec),
  Cpu: spec.cpu,
  Mem: spec.mem,
  MinNum: spec.minNum,
  MaxNum: spec.maxNum,
  PolicyDetails: [{ PolicyType: spec.policyType, PolicyThreshold: spec.policyThreshold }],
  CustomLogs: spec.customLogs,
  InitialDelaySeconds: spec.initialDelaySeconds,
  Port: spec.containerPort,
});

/** In words, and how a value is shown. */
const SETTING_WORDS: Readonly<Record<keyof ReturnType<typeof wantedSettings>, string>> = {
  OpenAccessTypes: '访问',
  Cpu: 'CPU 核数',
  Mem: '内存 GB',
  MinNum: '最小实例数',
  MaxNum: '最大实例数',
  PolicyDetails: '扩容条件',
  CustomLogs: '日志',
  InitialDelaySeconds: '启动后多少秒开始检查',
  Port: '端口',
};
const policyText = (policies: NonNullable<Settings['PolicyDetails']>): string =>
  policies.map(({ PolicyType, PolicyThreshold }) => `${PolicyType} ${PolicyThreshold}%`).join('、') || '没有';

function shown(name: SettingName, value: unknown): string {
  if (name === 'OpenAccessTypes') return accessText((value ?? []) as string[]);
  if (name === 'PolicyDetails') return policyText((value ?? []) as NonNullable<Settings['PolicyDetails']>);
  return value === undefined || value === '' ? '没有' : String(value);
}

const sorted = (value: unknown): unknown => (Array.isArray(value) ? [...value].sort() : value);
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** The variables of a service. What cannot be read counts as none. */
export function variablesOfService(config: Settings | undefined): Record<string, string> {
  try {
    const read: unknown = JSON.parse(config?.EnvParams || '{}');
    return Object.fromEntries(Object.entries(read as object).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}

/** How a new version is released. `none`: there is none. `promote`: the one that is being tried gets all traffic. */
export type Release = 'create' | 'full' | 'gray' | 'traffic' | 'promote' | 'none';

export interface ContainerDifference {
  release: Release;
  /** Settings that differ, with what they are to be. */
  settings: Partial<Settings>;
  variables: VariableDifference;
  changes: string[];
  notes: string[];
  problems: string[];
}

export interface ContainerWanted {
  spec: ContainerSpec;
  code: string;
  record: Omit<DeployRecord, 'code'>;
  /** The names of the description's variables, those that are left empty too. */
  described: readonly string[];
  /** Percent; undefined: all. */
  gray: number | undefined;
  force: boolean;
}

/** The variables that the container is to have, the record of its code among them. */
function wantedVariables({ spec, code, record }: ContainerWanted, there: Readonly<Record<string, string>>) {
  const recorded = there[RECORD_VARIABLE];
  // what is deployed already keeps its record: a new time would be a change
  const text = codeOfRecord(recorded) === code && recorded ? recorded : formatRecord({ ...record, code });
  return { ...spec.envVariables, [RECORD_VARIABLE]: text };
}

/** What a container as it is lacks of its description. */
export function compareContainer(
  wanted: ContainerWanted,
  found: Settings | undefined,
  releases: Releases,
): ContainerDifference {
  const { spec, code, described } = wanted;
  const there = variablesOfService(found);
  const variables = mergeVariables(wantedVariables(wanted, there), there, described);
  const settings: Partial<Settings> = Object.fromEntries(
    Object.entries(wantedSettings(spec)).filter(
      ([name, value]) => !isSame(value, found?.[name as SettingName]),
    ),
  );
  const isOurCode = codeOfRecord(there[RECORD_VARIABLE]) === code;
  const differs = [...settingChanges(settings, found), ...variableChanges(hideRecord(variables))];
  const { release, change, problems } = releaseOf(
    wanted,
    found !== undefined,
    isOurCode,
    differs.length > 0,
    releases,
  );
  return {
    release,
    settings,
    variables,
    changes: found === undefined || release === 'traffic' ? change : [...change, ...differs],
    notes: [
      ...variableNotes(variables),
      // both versions have the settings in common
      ...(release === 'traffic' && differs.length > 0 ? [`全量时才改：${differs.join('；')}`] : []),
    ],
    problems,
  };
}

/** People did not write it. */
const hideRecord = (variables: VariableDifference): VariableDifference => ({
  ...variables,
  added: variables.added.filter((name) => name !== RECORD_VARIABLE),
  changed: variables.changed.filter((name) => name !== RECORD_VARIABLE),
});

const settingChanges = (settings: Partial<Settings>, found: Settings | undefined): string[] =>
  Object.entries(settings).map(([name, value]) => {
    const setting = name as keyof typeof SETTING_WORDS;
    return `${SETTING_WORDS[setting]}由「${shown(setting, found?.[setting])}」改为「${shown(setting, value)}」`;
  });

interface Decision {
  release: Release;
  change: string[];
  problems: string[];
}

const decide = (release: Release, ...change: string[]): Decision => ({ release, change, problems: [] });
const refuse = (problem: string): Decision => ({ release: 'none', change: [], problems: [problem] });

/** How the new version is released, if there has to be one. */
function releaseOf(
  { spec, gray, force }: ContainerWanted,
  isThere: boolean,
  isOurCode: boolean,
  differs: boolean,
  { trying, isLive }: Releases,
): Decision {
  const all = gray === undefined || gray === 100;
  if (!isThere)
    return all
      ? decide('create', `新建，${containerText(spec)}`)
      : refuse('还没有可以对照的旧版本：第一次部署不用 --gray');
  if (trying !== undefined) {
    if (!isOurCode || force)
      return refuse(`正在灰度另一个版本 ${trying}：先 --gray 100 的那份代码全量，或 --rollback 撤回`);
    return all
      ? decide('promote', `灰度的版本 ${trying} 全量`)
      : decide('traffic', `灰度的版本 ${trying} 接 ${gray}% 的流量`);
  }
  const isNew = force || !isOurCode || !isLive;
  if (all) return isNew ? decide('full', '部署新版本') : decide('none');
  return isNew || differs ? decide('gray', `部署新版本，先接 ${gray}% 的流量`) : decide('none');
}
