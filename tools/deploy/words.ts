import {
  accessTypesOf,
  type CollectionSpec,
  type ContainerSpec,
  type Description,
  type FunctionSpec,
  type IndexSpec,
} from './description.ts';
import type { Part } from './options.ts';

/** What the API's words mean. */
const ACCESS: Readonly<Record<string, string>> = {
  MINIAPP: '小程序',
  PUBLIC: '公网',
  OA: '办公网',
  VPC: '同一 VPC',
};
const ACL: Readonly<Record<string, string>> = {
  READONLY: '所有人可读、创建者可写',
  PRIVATE: '仅创建者可读写',
  ADMINWRITE: '所有人可读、仅管理端可写',
  ADMINONLY: '仅管理端可读写',
  CUSTOM: '自定义规则',
};
const PAY_MODES: Readonly<Record<string, string>> = { postpaid: '按量付费', prepayment: '包年包月' };

export const accessText = (types: readonly string[]): string =>
  types.length === 0 ? '没有入口' : `${types.map((type) => ACCESS[type] ?? type).join('、')}可访问`;
export const aclText = (tag: string): string => ACL[tag] ?? tag;
export const payModeText = (mode: string): string => PAY_MODES[mode] ?? mode;

export const indexText = ({ name, unique, keys }: IndexSpec): string =>
  `${name}${unique ? '（唯一）' : ''}：${keys.map((key) => `${key.name}${key.direction === '-1' ? '↓' : ''}`).join(', ')}`;

export const collectionText = ({ createIndexes, aclTag }: CollectionSpec): string =>
  `${createIndexes.length} 个索引，${aclText(aclTag)}`;

export const containerText = (spec: ContainerSpec): string => {
  const { cpu, mem, minNum, maxNum, containerPort } = spec;
  const instances = minNum === maxNum ? `${minNum}` : `${minNum} 到 ${maxNum}`;
  return `${cpu} 核 ${mem} GB，${instances} 个实例，端口 ${containerPort}，${accessText(accessTypesOf(spec))}`;
};

export const functionText = ({ runtime, memorySize, timeout, triggers = [] }: FunctionSpec): string =>
  [
    `${runtime}，${memorySize} MB，${timeout} 秒`,
    ...triggers.map(({ name, config }) => `定时器 ${name}（${config}）`),
  ].join('，');

const variableNames = (variables: Readonly<Record<string, string>>): string =>
  `变量（不显示值）：${Object.keys(variables).join('、')}`;

/** The whole description, for people: what a deployment leads to. */
export function descriptionLines(
  { collections, container, functions }: Description,
  parts: readonly Part[],
): string[] {
  const lines: Record<Part, () => string[]> = {
    database: () => [
      '数据库',
      ...collections.flatMap((one) => [
        `  集合 ${one.collectionName}：${collectionText(one)}`,
        ...one.createIndexes.map((index) => `    ${indexText(index)}`),
      ]),
    ],
    container: () => [
      '容器',
      `  ${container.serviceName}：${containerText(container)}`,
      `    ${variableNames(container.envVariables)}`,
    ],
    functions: () => [
      '云函数',
      ...functions.flatMap((one) => [
        `  ${one.name}：${functionText(one)}`,
        `    ${variableNames(one.envVariables)}`,
      ]),
    ],
  };
  return parts.flatMap((part) => lines[part]());
}
