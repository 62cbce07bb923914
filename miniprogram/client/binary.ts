/**
 * Binary values are recognised by name: a buffer that the runtime hands out may come from another realm, where
 * `instanceof ArrayBuffer` says no.
 */
export const isBinary = (value: object): value is ArrayBuffer | ArrayBufferView =>
  ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';

/** The very bytes of a view as an ArrayBuffer: `SocketTask.send` takes nothing else. Copied only where it must be. */
export function exactBuffer(value: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (!ArrayBuffer.isView(value)) return value;
  const { buffer, byteOffset, byteLength } = value;
  return byteLength === buffer.byteLength
    ? (buffer as ArrayBuffer)
    : (buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}
