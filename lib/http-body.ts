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
 * Reads a whole body. With `discard`, one that is too large is read on and discarded, up to ten times the limit: a client
 * that is still sending a request would not read the refusal. Without it, a download is cancelled at the limit.
 * @param chunks an HTTP request or response
 * @throws BodyTooLargeError
 */
export async function readBody(
  chunks: AsyncIterable<Uint8Array>,
  limitBytes: number,
  { discard = true } = {},
): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes <= limitBytes) kept.push(chunk);
    else if (!discard || bytes > limitBytes * MAX_DISCARDED_FACTOR) break;
  }
  if (bytes > limitBytes) throw new BodyTooLargeError(limitBytes);
  return Buffer.concat(kept);
}
