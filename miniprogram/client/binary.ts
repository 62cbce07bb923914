/**
 * Binary values are recognised by name: a buffer that the runtime hands out may come from another realm, where
 * `instanceof ArrayBuffer` says no.
 */
export const isBinary = (value: unknown): value is ArrayBuffer | ArrayBufferView =>
  ArrayBuffer.isView(value) || (!!value && (value as ArrayBuffer)[Symbol.toStringTag] === 'ArrayBuffer');

/** The bytes of a view as an ArrayBuffer of exactly their size; `SocketTask.send` accepts nothing else. */
export const exactBuffer = (value: ArrayBuffer | ArrayBufferView): ArrayBuffer =>
  ArrayBuffer.isView(value)
    ? (value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer)
    : value;
