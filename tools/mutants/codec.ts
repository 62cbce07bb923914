import type { Mutant } from './client.ts';

const CODEC = 'socket-codec.ts';

/** Faults of what is written to the wire, and of what is read from it. */
export const CODEC_MUTANTS: readonly Mutant[] = [
  {
    name: '视图不裁剪',
    file: 'binary.ts',
    find: 'value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)',
    replace: 'value.buffer',
  },
  {
    name: '附件顺序颠倒',
    file: CODEC,
    find: '{ _placeholder: true, num: attachments.push(exactBuffer(value)) - 1 }',
    replace: '{ _placeholder: true, num: attachments.unshift(exactBuffer(value)) - 1 }',
  },
  {
    name: 'toJSON 里的二进制丢失',
    file: CODEC,
    find: "if (typeof toJSON === 'function' && !plain)",
    replace: 'if (false)',
  },
  { name: '根命名空间也写出来', file: CODEC, find: "nsp === '/' ? ''", replace: "nsp === '' ? ''" },
  {
    name: '另一个 realm 的 ArrayBuffer 不算二进制',
    file: 'binary.ts',
    find: "(!!value && (value as ArrayBuffer)[Symbol.toStringTag] === 'ArrayBuffer')",
    replace: 'value instanceof ArrayBuffer',
  },
  { name: '应答编号只读一位', file: CODEC, find: '(value || 0) * 10 + digit', replace: 'digit' },
  {
    name: '没有逗号的命名空间读不出',
    file: CODEC,
    find: "indexOf(',', at) >>> 0",
    replace: "indexOf(',', at)",
  },
  { name: '未知类型被接受', file: CODEC, find: 'type <= BINARY_ACK', replace: 'type <= 7' },
  {
    name: '类型不是数字也接受',
    file: CODEC,
    find: '!(type >= CONNECT && type <= BINARY_ACK)',
    replace: 'type > BINARY_ACK',
  },
  { name: '附件数之后不要求 -', file: CODEC, find: "|| text[at++] !== '-'", replace: '|| !at++' },
  {
    name: '末尾的占位符当作数字',
    file: CODEC,
    find: 'if (short && data)',
    replace: 'if (false)',
  },
  { name: 'NaN 写成 NaN', file: CODEC, find: 'Number.isFinite(item)', replace: "typeof item === 'number'" },
  { name: '没有参数的应答写成空', file: CODEC, find: "json || '['}", replace: 'json}' },
  { name: '字符串里的 null 出错', file: 'binary.ts', find: '(!!value &&', replace: '(' },
  {
    name: '附件下标不检查',
    file: CODEC,
    find: "if (typeof num !== 'number' || !(num in attachments)) invalid();",
    replace: '',
  },
  {
    name: '重组时接受文本',
    file: CODEC,
    find: 'if (isText === !!partial) invalid();',
    replace: '',
  },
  {
    name: '没有包头的二进制被接受',
    file: CODEC,
    find: 'if (isText === !!partial) invalid();',
    replace: 'if (isText && partial) invalid();\n    if (!isText && !partial) return undefined;',
  },
  {
    name: '负载不检查',
    file: CODEC,
    find: 'if (!isPayloadValid(type, data)) invalid();',
    replace: '',
  },
  {
    name: '恰好 10 个附件被拒绝',
    file: CODEC,
    find: '!(missing <= MAX_ATTACHMENTS)',
    replace: '!(missing < MAX_ATTACHMENTS)',
  },
  {
    name: '另一个 realm 的附件不算二进制',
    file: 'engine-codec.ts',
    find: "typeof frame === 'string'",
    replace: '!(frame instanceof ArrayBuffer)',
  },
  { name: '附件数不设上限', file: CODEC, find: '!(missing <= MAX_ATTACHMENTS)', replace: '!(missing >= 0)' },
];
