/** A request body over its limit. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`the body has more than ${limitBytes} bytes`);
    this.limitBytes = limitBytes;
  }
}

/** A body this many times its limit is not read to the end. */
const MAX_DISCARDED_FACTOR = 10;

/**
 * Reads a whole body. One that is too large is read on and discarded, up to ten times the limit: a client that is
 * still sending would not read the refusal.
 * @param chunks an HTTP request or response
 * @throws BodyTooLargeError
 */
export async function readBody(chunks: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes <= limitBytes) kept.push(chunk);
    else if (bytes > limitBytes * MAX_DISCARDED_FACTOR) break;
  }
  if (bytes > limitBytes) throw new BodyTooLargeError(limitBytes);
  return Buffer.concat(kept);
}
