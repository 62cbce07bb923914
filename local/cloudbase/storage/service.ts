import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../lib/clock.ts';
import type { Params } from '../database/operations.ts';
import { CloudError, invalidParam } from '../errors.ts';
import { newId } from '../ids.ts';
import type { FileStore } from './files.ts';

const BUCKET = 'local-1250000000';
const UPLOAD_VALID_S = 900;
const DEFAULT_DOWNLOAD_VALID_S = 7200;
const MAX_PATH_BYTES = 850;
/** One file; held in memory while it is received. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** The `storage.*` actions, and the signed addresses under which files are then written and read. */
export class StorageService {
  readonly files: FileStore;
  readonly #envId: string;
  readonly #baseUrl: () => string;
  readonly #clock: Clock;
  readonly #key = randomBytes(32);

  /** `baseUrl`: where `/_upload/<path>` and `/_download/<path in base64url>` are served (node-sdk encodes once more). */
  constructor(files: FileStore, envId: string, baseUrl: () => string, clock: Clock) {
    this.files = files;
    this.#envId = envId;
    this.#baseUrl = baseUrl;
    this.#clock = clock;
  }

  fileId(path: string): string {
    return `cloud://${this.#envId}.${BUCKET}/${path}`;
  }

  async run(name: string, params: Params): Promise<Record<string, unknown>> {
    switch (name) {
      case 'getUploadMetadata':
        return { data: this.#uploadMetadata(checkPath(params.path)) };
      case 'batchGetDownloadUrl':
        return {
          data: {
            download_list: await Promise.all(list(params.file_list).map((file) => this.#download(file))),
          },
        };
      case 'batchDeleteFile':
        return {
          data: { delete_list: await Promise.all(list(params.fileid_list).map((id) => this.#delete(id))) },
        };
      default:
        throw invalidParam(`unknown action storage.${name}`);
    }
  }

  /** Whether `authorization` was made by us for this use of this path and still holds. */
  allows(use: 'put' | 'get', path: string, authorization: string): boolean {
    const [until = '', mac = ''] = authorization.split('.');
    const expected = Buffer.from(this.#mac(use, path, until));
    const given = Buffer.from(mac);
    const genuine = given.length === expected.length && timingSafeEqual(given, expected);
    return genuine && Number(until) * 1000 > this.#clock.now();
  }

  #uploadMetadata(path: string): Record<string, string> {
    return {
      url: `${this.#baseUrl()}/_upload/${path.split('/').map(encodeURIComponent).join('/')}`,
      token: newId(),
      authorization: this.#sign('put', path, UPLOAD_VALID_S),
      fileId: this.fileId(path),
      cosFileId: newId(),
    };
  }

  async #download(file: unknown): Promise<Record<string, unknown>> {
    const { fileid, max_age } = (typeof file === 'object' ? file : { fileid: file }) as Params;
    const path = this.pathOf(fileid);
    if (path === undefined || !(await this.files.get(path)))
      return { fileID: fileid, code: 'STORAGE_FILE_NONEXIST', tempFileURL: '' };
    const sign = this.#sign('get', path, Number(max_age ?? DEFAULT_DOWNLOAD_VALID_S));
    const url = `${this.#baseUrl()}/_download/${Buffer.from(path).toString('base64url')}?sign=${sign}`;
    return { fileID: fileid, code: 'SUCCESS', tempFileURL: url, download_url: url };
  }

  async #delete(fileID: unknown): Promise<Record<string, unknown>> {
    const path = this.pathOf(fileID);
    const deleted = path !== undefined && (await this.files.delete(path));
    return { fileID, code: deleted ? 'SUCCESS' : 'STORAGE_FILE_NONEXIST' };
  }

  /** Undefined where it is no file of this environment. */
  pathOf(fileId: unknown): string | undefined {
    const prefix = this.fileId('');
    return typeof fileId === 'string' && fileId.startsWith(prefix) ? fileId.slice(prefix.length) : undefined;
  }

  #sign(use: 'put' | 'get', path: string, validS: number): string {
    const until = String(Math.floor(this.#clock.now() / 1000) + validS);
    return `${until}.${this.#mac(use, path, until)}`;
  }

  #mac(use: string, path: string, until: string): string {
    return createHmac('sha256', this.#key).update(`${use}\n${path}\n${until}`).digest('hex');
  }
}

/** @throws CloudError where the cloud's storage would not take such a name. */
export function checkPath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw invalidParam(`cloudPath must be 1 to ${MAX_PATH_BYTES} bytes long`);
  if (/^\/|\/\/|\/$/.test(path) || path.split('/').some((part) => part === '.' || part === '..'))
    throw new CloudError('INVALID_PARAM', `cloudPath ${path} has an empty, '.' or '..' part`);
  return path;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw invalidParam('a list is expected');
  return value;
}
