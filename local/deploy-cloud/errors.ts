/** What the API refuses a call with. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const notFound = (what: string, code = 'ResourceNotFound'): ApiError =>
  new ApiError(code, `${what} not found`);
export const invalidParameter = (message: string): ApiError => new ApiError('InvalidParameter', message);
