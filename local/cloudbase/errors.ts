/** An answer `{ code, message }` of the gateway. Codes and messages are those that the SDKs meet in the cloud. */
export class CloudError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'CloudError';
    this.code = code;
  }
}

const ASK_AGAIN = 'Please check your request, but if the problem persists, contact us.';

export const invalidParam = (message: string): CloudError => new CloudError('INVALID_PARAM', message);

export const requestFailed = (message: string): CloudError =>
  new CloudError('DATABASE_REQUEST_FAILED', `[FailedOperation] ${message}`);

/** A refused change of one document, in the wrapping that the cloud gives MongoDB's write errors. */
export const writeFailed = (message: string): CloudError =>
  requestFailed(`multiple write errors: [{write errors: [{${message}}]}, {<nil>}]`);

export const duplicateKey = (collection: string, index: string, key: string): CloudError =>
  writeFailed(`E11000 duplicate key error collection: ${collection} index: ${index} dup key: ${key}`);

export const collectionMissing = (name: string): CloudError =>
  new CloudError(
    'DATABASE_COLLECTION_NOT_EXIST',
    `[ResourceNotFound] Db or Table not exist: ${name}. ${ASK_AGAIN}`,
  );

export const collectionExists = (name: string): CloudError =>
  new CloudError('DATABASE_COLLECTION_ALREADY_EXIST', `[ResourceInUse] Table exist: ${name}. ${ASK_AGAIN}`);

export const transactionGone = (): CloudError =>
  new CloudError(
    'DATABASE_TRANSACTION_FAIL',
    `[ResourceUnavailable.TransactionNotExist] Transaction does not exist on the server, transaction must be commit or abort in 30 seconds. ${ASK_AGAIN}`,
  );

export const transactionConflict = (): CloudError =>
  new CloudError(
    'DATABASE_TRANSACTION_CONFLICT',
    `[ResourceUnavailable.TransactionConflict] Transaction is conflict, maybe resource operated by others. ${ASK_AGAIN}`,
  );

export const signatureRefused = (why: string): CloudError => new CloudError('SIGN_PARAM_INVALID', why);
