import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import { HISTORY_ACTIONS, RECOGNIZE_ACTIONS, STATS_ACTIONS } from '../../contract/functions.ts';
import { HTTP_API_BASE, httpStatusOf } from '../../contract/http-api.ts';
import { HTTP_API_PATHS } from '../../contract/paths.ts';
import { openApiDocument } from './document.ts';
import { OPENAPI_FILE, openApiProblems } from './file.ts';

interface Document {
  paths: Record<
    string,
    { get: { parameters: { name: string; required: boolean; schema: object }[]; responses: object } }
  >;
  components: { schemas: Record<string, object> };
}
const committed = (): Document => JSON.parse(readFileSync(OPENAPI_FILE, 'utf8')) as Document;

test('the committed description is OpenAPI 3.1, and what the schemas make now', async () => {
  const validator = new Validator();
  const checked = await validator.validate({ ...committed() });
  expect(checked.errors ?? []).toEqual([]);
  expect([checked.valid, validator.version]).toEqual([true, '3.1']);
  expect(openApiProblems()).toEqual([]);
});

test('the validator would notice a broken one', async () => {
  const broken = { ...openApiDocument('1.0.0'), paths: { '/x': { get: { responses: [] } } } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test('it has every action of every function, with request and answer', () => {
  const { paths, components } = committed();
  expect(Object.keys(paths)).toEqual(
    ['history', 'stats', 'recognize'].map((name) => `${HTTP_API_BASE}/${name}`),
  );
  const actions = { ...HISTORY_ACTIONS, ...STATS_ACTIONS, ...RECOGNIZE_ACTIONS };
  expect(Object.keys(components.schemas)).toHaveLength(1 + 2 * Object.keys(actions).length);
  expect(JSON.stringify(components)).not.toContain('"$schema"');
});

test('a GET names its query: what every action needs is required, and limits are numbers', () => {
  const { paths } = committed();
  const query = (name: string) =>
    Object.fromEntries(
      (paths[`${HTTP_API_BASE}/${name}`]?.get.parameters ?? []).map((one) => [one.name, one]),
    );
  expect(query('recognize')).toMatchObject({
    action: { required: false, schema: { enum: ['result'], default: 'result' } },
    sessionId: { required: true, schema: { pattern: '^[A-Za-z0-9_-]{8,64}$' } },
  });
  expect(query('history')).toMatchObject({
    sessionId: { required: false },
    limit: { schema: { type: 'integer' } },
    format: { schema: { enum: ['txt', 'docx', 'srt', 'vtt', 'json'] } },
  });
  expect(query('stats')).toMatchObject({ from: { required: false, description: 'range 必填' } });
});

test('the container says of the same paths that the functions answer them', () => {
  expect([...HTTP_API_PATHS].sort()).toEqual(Object.keys(committed().paths).sort());
});

test('every status that a refusal can have is described', () => {
  const statuses = new Set((Object.keys(ERRORS) as ErrorCode[]).map(httpStatusOf));
  const get = committed().paths[`${HTTP_API_BASE}/history`]?.get;
  expect(Object.keys(get?.responses ?? {})).toEqual(expect.arrayContaining([...statuses].map(String)));
});
