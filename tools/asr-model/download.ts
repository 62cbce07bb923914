import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type Clock, sleep } from '../../lib/clock.ts';
import { describeSystemError } from '../../lib/system-error.ts';
import { ToolError } from '../cli.ts';

/** A connection that brings nothing for this long is given up, ms. */
const STALLED_AFTER_MS = 30_000;
/** Waits after attempts in a row that brought nothing, ms; after the last one the download is given up. */
const RETRY_DELAYS_MS = [1_000, 2_000, 5_000, 10_000] as const;
const MAX_BYTES = 4 * 1024 ** 3;
const OK = 200;
const PARTIAL = 206;
const RANGE_NOT_SATISFIABLE = 416;

interface DownloadOptions {
  url: string;
  /** Where the file is written; what an earlier run has left there is continued. */
  path: string;
  /** Length that the file must have; undefined: as the server says. */
  bytes: number | undefined;
  clock: Clock;
  signal?: AbortSignal;
  /** Called for each piece. @param total undefined: the server does not say */
  onProgress: (received: number, total: number | undefined) => void;
  /** A connection was lost, and is made again; for people. */
  onRetry: (reason: string) => void;
}

/** The server will not give the file, however often it is asked. */
class Refused extends ToolError {}

/** Which version of the file a part is of. */
interface PartOf {
  url: string;
  etag: string | null;
}

const lengthOf = async (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
const notePath = (path: string): string => `${path}.json`;
const readNote = async (path: string): Promise<PartOf | undefined> => {
  try {
    return JSON.parse(await readFile(notePath(path), 'utf8')) as PartOf;
  } catch {
    return undefined;
  }
};

export const removePart = async (path: string): Promise<void> => {
  await rm(path, { force: true });
  await rm(notePath(path), { force: true });
};

/**
 * Downloads a file, and continues one that was broken off.
 * @throws ToolError that says what to do; what was received stays for the next time, unless it is of another version
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { path, clock, signal, onRetry } = options;
  let failures = 0;
  for (;;) {
    const before = await lengthOf(path);
    try {
      return await attempt(options, before);
    } catch (error) {
      if (signal?.aborted) throw new ToolError('已中止；再运行一次会接着下载');
      if (error instanceof Refused || isOfDisk(error)) throw error;
      failures = (await lengthOf(path)) > before ? 0 : failures + 1;
      const reason = describeSystemError(error) ?? (error as Error).message;
      const delayMs = RETRY_DELAYS_MS[failures - 1] ?? (failures === 0 ? 0 : undefined);
      if (delayMs === undefined)
        throw new ToolError(`下载中断（${reason}）：再运行一次会接着下载，或用 --mirror 换一个地址`);
      onRetry(reason);
      await sleep(clock, delayMs);
    }
  }
}

/** One request, from what is there already to the end. */
async function attempt(options: DownloadOptions, have: number): Promise<void> {
  const { url, path, clock, signal } = options;
  const note = await readNote(path);
  const continued = have > 0 && note?.url === url && have < MAX_BYTES;
  const stalled = new AbortController();
  const answer = await within(clock, stalled, () =>
    fetch(url, {
      headers: continued
        ? // `If-Range`: of another version the whole file is wanted
          { range: `bytes=${have}-`, ...(isStrong(note.etag) && { 'if-range': note.etag }) }
        : {},
      signal: AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]),
    }),
  );
  if (answer.status === RANGE_NOT_SATISFIABLE && continued) {
    await answer.body?.cancel();
    if (have === (options.bytes ?? totalOf(answer))) return;
    await removePart(path);
    throw new Error('留下的一半和服务器上的文件不符，从头下载');
  }
  if ((answer.status !== OK && answer.status !== PARTIAL) || answer.body === null) throw refusal(answer, url);
  const from = answer.status === PARTIAL ? startOf(answer) : 0;
  if (from !== (answer.status === PARTIAL ? have : 0)) {
    await answer.body.cancel();
    await removePart(path);
    throw new Error('服务器给的不是要的那一段，从头下载');
  }
  const total = options.bytes ?? totalOf(answer);
  const declared = totalOf(answer);
  if (options.bytes !== undefined && declared !== undefined && declared !== options.bytes) {
    await answer.body.cancel();
    throw new Refused(
      `${url} 的长度是 ${declared} 字节，应为 ${options.bytes}：这不是要的文件，请换一个镜像`,
    );
  }
  await writeFile(notePath(path), JSON.stringify({ url, etag: answer.headers.get('etag') } satisfies PartOf));
  await save(options, { body: answer.body, from, total, stalled });
}

/** Writes the body behind the first `from` bytes of the file. @throws Error when it ends too early */
async function save(
  { path, clock, onProgress }: DownloadOptions,
  {
    body,
    from,
    total,
    stalled,
  }: { body: ReadableStream<Uint8Array>; from: number; total: number | undefined; stalled: AbortController },
): Promise<void> {
  const file = await open(path, from === 0 ? 'w' : 'a');
  let received = from;
  onProgress(received, total);
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(clock, stalled, () => reader.read());
      if (done) break;
      received += value.length;
      if (received > Math.min(total ?? MAX_BYTES, MAX_BYTES))
        throw new Refused('服务器给的比说好的多：这不是要的文件，请换一个镜像');
      await file.appendFile(value);
      onProgress(received, total);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
    await file.close();
  }
  if (total !== undefined && received < total) throw new Error('连接提前结束');
}

/** Waits for something that is given up when it takes too long. */
async function within<T>(clock: Clock, stalled: AbortController, work: () => Promise<T>): Promise<T> {
  const cancel = clock.after(STALLED_AFTER_MS, () =>
    stalled.abort(new Error(`${STALLED_AFTER_MS / 1000} 秒没有收到数据`)),
  );
  try {
    return await work();
  } finally {
    cancel();
  }
}

function refusal({ status }: Response, url: string): Error {
  if (status === 404) return new Refused(`${url} 不存在（404）：用 --mirror 换一个地址`);
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    return new Refused(`${url} 拒绝了下载（${status}）：用 --mirror 换一个地址`);
  return new Error(`服务器回答 ${status}`);
}

const isStrong = (etag: string | null): etag is string => etag !== null && !etag.startsWith('W/');
/** The first byte of a partial answer; NaN: it does not say. */
const startOf = ({ headers }: Response): number =>
  Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
/** Length of the whole file; undefined: the server does not say. */
function totalOf({ status, headers }: Response): number | undefined {
  const total =
    status === OK
      ? headers.get('content-length')
      : /^bytes .*\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  return total === null || total === undefined ? undefined : Number(total);
}
/** The disk is full, or must not be written: trying again would not help. */
const isOfDisk = (error: unknown): boolean =>
  ['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EDQUOT', 'EISDIR'].includes(
    String((error as NodeJS.ErrnoException).code),
  );
