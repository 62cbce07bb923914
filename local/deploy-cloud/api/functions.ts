import { ApiError, invalidParameter, notFound } from '../errors.ts';
import { objectKey } from '../object-storage.ts';
import { type Handler, inEnvironment, list, type Params, record, text } from '../params.ts';
import type { CloudFunction, CloudState, Trigger } from '../state.ts';

/** Letters, digits, spaces, commas, line breaks, full stops and Chinese, at most 1000 (SCF API 583/18586). */
const DESCRIPTION = /^[A-Za-z0-9 ,.\n\p{Script=Han}]{0,1000}$/u;
/** Bytes of a package that is sent within the call. */
const MAX_ZIP_BYTES = 1.5 * 1024 * 1024;

function functionOf(params: Params, { functions }: CloudState): CloudFunction {
  const name = text(params, 'FunctionName');
  const found = functions.get(name);
  if (!found) throw notFound(`Function ${name}`, 'ResourceNotFound.Function');
  return found;
}

/** The package: within the call, or uploaded to object storage before. */
function packageOf(params: Params, { objects }: CloudState): Uint8Array {
  const code = record(params, 'Code');
  if (typeof code.ZipFile === 'string') {
    const zip = Buffer.from(code.ZipFile, 'base64');
    if (zip.length > MAX_ZIP_BYTES) throw new ApiError('InvalidParameterValue.Code', 'ZipFile is too large');
    return zip;
  }
  const uploaded = objects.get(objectKey(text(code, 'TempCosObjectName')));
  if (!uploaded) throw invalidParameter('TempCosObjectName was not uploaded');
  return uploaded;
}

function variablesOf(params: Params): Map<string, string> {
  const given = list<{ Key: string; Value: string }>(record(params, 'Environment'), 'Variables');
  return new Map(given.map(({ Key, Value }) => [Key, Value]));
}

/** Configuration that both creating and updating take. */
function configure(one: CloudFunction, params: Params): void {
  if (typeof params.Timeout === 'number') one.timeout = params.Timeout;
  if (typeof params.MemorySize === 'number') one.memory = params.MemorySize;
  if (typeof params.Description === 'string') {
    if (!DESCRIPTION.test(params.Description)) throw invalidParameter('Description has other characters');
    one.description = params.Description;
  }
  if (params.Environment !== undefined) one.variables = variablesOf(params);
}

interface NewTrigger {
  TriggerName: string;
  Type: string;
  TriggerDesc: string;
}

/** The service shows a timer's expression wrapped in JSON. */
const shown = ({ TriggerName, Type, TriggerDesc }: NewTrigger): Trigger => ({
  TriggerName,
  Type,
  TriggerDesc: JSON.stringify({ cron: TriggerDesc }),
  Enable: 1,
});

function createFunction(params: Params, state: CloudState): object {
  const name = text(params, 'FunctionName');
  if (state.functions.has(name)) throw new ApiError('ResourceInUse.FunctionName', `function ${name} exists`);
  const one: CloudFunction = {
    name,
    runtime: text(params, 'Runtime'),
    handler: text(params, 'Handler'),
    timeout: 3,
    memory: 128,
    description: '',
    installDependency: String(params.InstallDependency),
    variables: new Map(),
    triggers: [],
    zip: packageOf(params, state),
    uploads: 1,
  };
  configure(one, params);
  state.functions.set(name, one);
  return {};
}

const functionInfo = (one: CloudFunction, { envId }: CloudState) => ({
  FunctionName: one.name,
  FunctionId: `lam-${one.name}`,
  Namespace: envId,
  Type: 'Event',
  Status: 'Active',
  StatusDesc: '',
  StatusReasons: [],
  Runtime: one.runtime,
  Handler: one.handler,
  Timeout: one.timeout,
  MemorySize: one.memory,
  Description: one.description,
  InstallDependency: one.installDependency,
  CodeSize: one.zip.length,
  Environment: { Variables: [...one.variables].map(([Key, Value]) => ({ Key, Value })) },
  Triggers: one.triggers,
  VpcConfig: { VpcId: '', SubnetId: '' },
  AddTime: '2026-01-01 00:00:00',
  ModTime: '2026-01-01 00:00:00',
});

/** Calls of SCF name the environment as their namespace. */
const inNamespace = (handler: Handler): Handler => inEnvironment('Namespace', handler);

export const FUNCTION_ACTIONS: Readonly<Record<string, Handler>> = {
  'tcb.ListFunctions': inEnvironment('EnvId', (_, state) => ({
    Functions: [...state.functions.values()].map((one) => functionInfo(one, state)),
    TotalCount: state.functions.size,
  })),
  'scf.ListFunctions': inNamespace((_, state) => ({
    Functions: [...state.functions.values()].map((one) => functionInfo(one, state)),
    TotalCount: state.functions.size,
  })),
  'scf.GetFunction': inNamespace((params, state) => functionInfo(functionOf(params, state), state)),
  'scf.GetTempCosInfo': (params) => ({
    Date: '2026-01-01',
    Sign: `q-sign-algorithm=sha1&q-ak=recorded&q-sign-time=0;9999999999&q-key-time=0;9999999999&q-header-list=&q-url-param-list=&q-signature=${'0'.repeat(40)}`,
    ObjectPath: text(params, 'ObjectPath'),
  }),
  'scf.CreateFunction': inNamespace(createFunction),
  'scf.UpdateFunctionCode': inNamespace((params, state) => {
    const one = functionOf(params, state);
    one.zip = packageOf(params, state);
    one.handler = text(params, 'Handler');
    one.uploads += 1;
    return {};
  }),
  'scf.UpdateFunctionConfiguration': inNamespace((params, state) => {
    configure(functionOf(params, state), params);
    return {};
  }),
  'scf.BatchCreateTrigger': inNamespace((params, state) => {
    const one = functionOf(params, state);
    // the vendor's CLI sends it at every deployment, so one of the same name must take the old one's place
    for (const trigger of JSON.parse(text(params, 'Triggers')) as NewTrigger[]) {
      const others = one.triggers.filter(({ TriggerName }) => TriggerName !== trigger.TriggerName);
      one.triggers = [...others, shown(trigger)];
    }
    return {};
  }),
  'scf.DeleteTrigger': inNamespace((params, state) => {
    const one = functionOf(params, state);
    const left = one.triggers.filter(({ TriggerName }) => TriggerName !== params.TriggerName);
    if (left.length === one.triggers.length) throw notFound('trigger', 'ResourceNotFound.Trigger');
    one.triggers = left;
    return {};
  }),
};
