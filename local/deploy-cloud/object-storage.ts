import type { HttpContext } from './http.ts';
import type { CloudState } from './state.ts';

/** Objects are found again under their path, whatever number of slashes it began with. */
export const objectKey = (path: string): string => `/${decodeURIComponent(path).replace(/^\/+/, '')}`;

export const OBJECT_HEADERS = {
  'content-type': 'application/xml',
  etag: `"${'0'.repeat(32)}"`,
  'x-cos-hash-crc64ecma': '0',
} as const;

/** What was uploaded, and what is being uploaded in parts, as the vendor's SDK does. */
export class ObjectStorage {
  readonly #state: Pick<CloudState, 'objects'>;
  readonly #parts = new Map<string, Buffer[]>();

  constructor(state: Pick<CloudState, 'objects'>) {
    this.#state = state;
  }

  /** Takes a request of an upload. @returns the XML that answers it; undefined: it is none */
  take({ method, url, body }: HttpContext): string | undefined {
    const key = objectKey(url.pathname);
    const isPart = url.searchParams.has('partNumber');
    const isAboutUploads = url.searchParams.has('uploads');
    if (method === 'PUT' && isPart) this.#parts.get(key)?.push(body);
    else if (method === 'PUT') this.#state.objects.set(key, body);
    else if (method === 'GET' && isAboutUploads)
      return '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>';
    else if (method === 'POST' && isAboutUploads) return this.#begin(key);
    else if (method === 'POST') return this.#complete(key);
    else return undefined;
    return '';
  }

  #begin(key: string): string {
    this.#parts.set(key, []);
    return '<InitiateMultipartUploadResult><UploadId>recorded</UploadId></InitiateMultipartUploadResult>';
  }

  #complete(key: string): string {
    this.#state.objects.set(key, Buffer.concat(this.#parts.get(key) ?? []));
    this.#parts.delete(key);
    return `<CompleteMultipartUploadResult><Location>recorded</Location><Key>${key.slice(1)}</Key><ETag>${OBJECT_HEADERS.etag}</ETag></CompleteMultipartUploadResult>`;
  }
}
