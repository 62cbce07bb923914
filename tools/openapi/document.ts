import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { ERROR_ANSWER, HISTORY_ANSWERS, RECOGNIZE_ANSWERS, STATS_ANSWERS } from '../../contract/answers.ts';
import { HISTORY_ACTIONS, RECOGNIZE_ACTIONS, STATS_ACTIONS } from '../../contract/functions.ts';
import { HTTP_API_BASE, HTTP_READS } from '../../contract/http-api.ts';
import { HTTP_MAX_TEXT_BYTES } from '../../contract/limits.ts';

/** A part of the document. */
type Part = Record<string, unknown>;
type Schemas = Record<string, v.GenericSchema>;

/** Of every action. */
type Summaries<A> = Record<keyof A, string>;

interface Served {
  tag: string;
  requests: Schemas;
  answers: Schemas;
  summaries: Record<string, string>;
}

const FUNCTIONS: Record<keyof typeof HTTP_READS, Served> = {
  history: {
    tag: '记录',
    requests: HISTORY_ACTIONS,
    answers: HISTORY_ANSWERS,
    summaries: {
      list: '会话列表，新的在前',
      get: '一个会话和它的一页句子',
      search: '在标题、标签与句子中按字面查找',
      find: '在一个会话中按字面查找：哪些句子含有它',
      rename: '改标题',
      pin: '置顶或取消置顶',
      tags: '设定标签，替换原有的',
      marks: '设置与取消标记：想再找到的时刻',
      edit: '修改一句；text 为 null 恢复识别的原文',
      editMany: '修改多句，每句只在它仍是 from 时才改；应答里没有的再发一次',
      delete: '删除，24 小时内可以恢复',
      restore: '撤销删除',
      deleteMany: '删除几个会话，24 小时内可以恢复',
      restoreMany: '撤销几个会话的删除',
      prepareAudio: '准备把一个会话的录音上传到云存储：给出路径',
      keepAudio: '报告录音已上传：此后与会话一起保留',
      audio: '一个会话已上传的录音；带 names 时给出下载地址',
      removeAudio: '删除一个会话已上传的录音；反复调用，直到 done 为 true',
      removeAllAudio: '删除全部已上传的录音；反复调用，直到 done 为 true',
      deleteAll: '彻底删除调用者的全部数据；反复调用，直到 done 为 true',
      export: '导出为 txt、docx、srt、vtt、json；各次的 content 依次相连，docx 只有一次',
    } satisfies Summaries<typeof HISTORY_ACTIONS>,
  },
  stats: {
    tag: '统计',
    requests: STATS_ACTIONS,
    answers: STATS_ANSWERS,
    summaries: {
      today: '今天（Asia/Shanghai）',
      range: '从 from 到 to 的每一天，最多 366 天',
      totals: '累计',
    } satisfies Summaries<typeof STATS_ACTIONS>,
  },
  recognize: {
    tag: '一句话识别',
    requests: RECOGNIZE_ACTIONS,
    answers: RECOGNIZE_ANSWERS,
    summaries: {
      recognize: '识别一段 60 秒以内的录音（默认的 action）',
      prepare: '上传到云存储之前，问自己目录下的路径',
      result: '取回之前一次识别的结果，不再收费',
    } satisfies Summaries<typeof RECOGNIZE_ACTIONS>,
  },
};

const STATUS_MEANING: Record<number, string> = {
  400: '请求有误',
  401: '没有票据，或票据无效、已过期',
  403: '不允许',
  404: '没有这条记录',
  405: '方法不对：GET 只能查询',
  409: '正被同时修改，或同一请求还在进行：稍后重试',
  413: '内容过大',
  415: '不支持的音频格式',
  500: '服务的错误或配置错误',
  503: '暂时不可用：稍后重试',
};

/** Actions of the schemas that JSON Schema has no words for: they hold whatever is sent to well-formed text and existing days. */
const WITHOUT_EQUIVALENT = ['check', 'trim'];

function jsonSchemaOf(schema: v.GenericSchema): Part {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    ignoreActions: WITHOUT_EQUIVALENT,
  });
  return rest as Part;
}

const named = (name: string, action: string, what: string): string =>
  [name, action].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') + what;
const reference = (kind: string, name: string): Part => ({ $ref: `#/components/${kind}/${name}` });
const json = (schema: Part): Part => ({ 'application/json': { schema } });

const answersOf = (name: string, actions: readonly string[]): Part => {
  const parts = actions.map((action) => reference('schemas', named(name, action, 'Answer')));
  const statuses = Object.keys(STATUS_MEANING);
  return {
    200: {
      description: actions.length > 1 ? 'action 的应答' : '应答',
      content: json(parts.length > 1 ? { anyOf: parts } : (parts[0] as Part)),
    },
    ...Object.fromEntries(statuses.map((status) => [status, reference('responses', `Refused${status}`)])),
  };
};

const listOf = (summaries: Record<string, string>, actions: readonly string[]): string =>
  actions.map((action) => `- \`${action}\`：${summaries[action]}`).join('\n');

/** The query parameters of a GET: all fields of all actions that it may ask for. */
function parametersOf({ requests }: Served, reads: readonly string[], byDefault: string): Part[] {
  const fields = new Map<string, { schema: Part; actions: string[]; needed: string[] }>();
  for (const action of reads) {
    const { properties, required } = jsonSchemaOf(requests[action] as v.GenericSchema) as {
      properties: Record<string, Part>;
      required: string[];
    };
    for (const [field, schema] of Object.entries(properties)) {
      if (field === 'action') continue;
      const found = fields.get(field) ?? { schema, actions: [], needed: [] };
      // the limits of a number differ from action to action
      if (found.actions.length > 0 && JSON.stringify(found.schema) !== JSON.stringify(schema))
        found.schema = { type: schema.type };
      found.actions.push(action);
      if (required.includes(field)) found.needed.push(action);
      fields.set(field, found);
    }
  }
  const action: Part = {
    name: 'action',
    in: 'query',
    required: false,
    schema: { enum: reads, default: byDefault },
  };
  return [
    action,
    ...[...fields].map(([name, { schema, actions, needed }]) => ({
      name,
      in: 'query',
      required: needed.length === reads.length,
      description: needed.length > 0 ? `${needed.join('、')} 必填` : `可选，用于 ${actions.join('、')}`,
      schema,
    })),
  ];
}

const multipart = (request: Part): Part => ({
  'multipart/form-data': {
    schema: {
      type: 'object',
      properties: {
        audio: { type: 'string', contentMediaType: 'application/octet-stream', description: '录音文件' },
        request: { ...request, description: '其余参数的 JSON，可省略' },
      },
      required: ['audio'],
    },
    encoding: { request: { contentType: 'application/json' } },
  },
});

function pathOf(name: keyof typeof HTTP_READS): Part {
  const served = FUNCTIONS[name];
  const { actions: reads, default: byDefault } = HTTP_READS[name];
  const all = Object.keys(served.requests);
  const bodies = all.map((action) => reference('schemas', named(name, action, 'Request')));
  const recording = reference('schemas', named(name, 'recognize', 'Request'));
  return {
    get: {
      operationId: `${name}Get`,
      tags: [served.tag],
      summary: `${served.tag}：查询`,
      description: listOf(served.summaries, reads),
      parameters: parametersOf(served, reads, byDefault),
      responses: answersOf(name, reads),
    },
    post: {
      operationId: `${name}Post`,
      tags: [served.tag],
      summary: `${served.tag}：全部 action`,
      description: listOf(served.summaries, all),
      requestBody: {
        required: true,
        content: { ...json({ oneOf: bodies }), ...(name === 'recognize' && multipart(recording)) },
      },
      responses: answersOf(name, all),
    },
  };
}

/** The description of the HTTP API (OpenAPI 3.1), made from the schemas that check the requests. */
export function openApiDocument(version: string): Part {
  const names = Object.keys(FUNCTIONS) as (keyof typeof HTTP_READS)[];
  const schemas: Part = { Error: jsonSchemaOf(ERROR_ANSWER) };
  for (const name of names) {
    const { requests, answers } = FUNCTIONS[name];
    for (const action of Object.keys(requests)) {
      schemas[named(name, action, 'Request')] = jsonSchemaOf(requests[action] as v.GenericSchema);
      schemas[named(name, action, 'Answer')] = jsonSchemaOf(answers[action] as v.GenericSchema);
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'realtime-voice',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description: [
        '云函数的 HTTP 访问，说明见 docs/http-api.md。',
        `文本请求体最多 ${HTTP_MAX_TEXT_BYTES / 1024} KB。实时识别不在这里：它是 WebSocket，见 docs/protocol.md。`,
        '这个文件由 npm run openapi 生成，不要手改。',
      ].join('\n\n'),
    },
    servers: [
      {
        url: 'https://{env}.service.tcloudbase.com',
        description: '云开发的默认域名',
        variables: { env: { default: 'env-id', description: '环境 ID' } },
      },
      { url: 'http://127.0.0.1:3000', description: 'npm start' },
    ],
    security: [{ ticket: [] }],
    tags: names.map((name) => ({ name: FUNCTIONS[name].tag })),
    paths: Object.fromEntries(names.map((name) => [`${HTTP_API_BASE}/${name}`, pathOf(name)])),
    components: {
      securitySchemes: {
        ticket: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: '小程序里的云函数 ticket 签发，10 分钟有效；不经 HTTP 签发',
        },
      },
      responses: Object.fromEntries(
        Object.entries(STATUS_MEANING).map(([status, meaning]) => [
          `Refused${status}`,
          {
            description: `${meaning}。code 的含义见 docs/operations.md`,
            content: json(reference('schemas', 'Error')),
          },
        ]),
      ),
      schemas,
    },
  };
}
