/** What one request did to the database. */
export interface RequestCount {
  requestId: string;
  action: string;
  /** Documents examined, by collection. */
  documentsRead: Record<string, number>;
}

const RECENT_REQUESTS = 500;

/** Counts requests and the documents that they made the database examine. */
export class Counters {
  requests = 0;
  byAction: Record<string, number> = {};
  /** Documents examined by scans and index ranges, returned or not. */
  documentsRead = 0;
  documentsReadIn: Record<string, number> = {};
  /** The newest requests, oldest first. */
  recent: RequestCount[] = [];

  begin(requestId: string, action: string): RequestCount {
    this.requests++;
    this.byAction[action] = (this.byAction[action] ?? 0) + 1;
    const request = { requestId, action, documentsRead: {} };
    this.recent.push(request);
    if (this.recent.length > RECENT_REQUESTS) this.recent.shift();
    return request;
  }

  countRead(request: RequestCount, collection: string, documents: number): void {
    this.documentsRead += documents;
    this.documentsReadIn[collection] = (this.documentsReadIn[collection] ?? 0) + documents;
    request.documentsRead[collection] = (request.documentsRead[collection] ?? 0) + documents;
  }

  reset(): void {
    Object.assign(this, new Counters());
  }
}
