import { calculateObjectSize } from 'bson';
import { type Modifier, update } from 'mingo/updater';
import { cloneDeep } from 'mingo/util';
import { requestFailed, writeFailed } from '../errors.ts';
import { toEjson } from './ejson.ts';
import { QUERY_OPTIONS, withMingoErrors } from './matching.ts';
import { type Doc, isPlainObject } from './values.ts';

/** MongoDB's limit for one document. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** A new document from `_id` and fields. @throws CloudError for what MongoDB refuses */
export function newDocument(id: unknown, fields: Record<string, unknown>): Doc {
  if (id === null || Array.isArray(id) || id instanceof RegExp)
    throw writeFailed("The '_id' value cannot be of this type");
  for (const name of Object.keys(fields))
    if (name.startsWith('$'))
      throw writeFailed(`The dollar ($) prefixed field '${name}' in '${name}' is not valid for storage.`);
  return withinSize({ _id: id, ...fields });
}

/**
 * The document after update operators. mingo ignores type errors that MongoDB refuses, so they are checked first.
 * @param filter what selected the document: says which element a positional `$` means
 * @returns `before` itself if nothing changed
 * @throws CloudError for what MongoDB refuses
 */
export function applyUpdate(
  before: Doc,
  operators: Record<string, unknown>,
  filter: Record<string, unknown>,
): Doc {
  for (const [operator, fields] of Object.entries(operators)) {
    if (!operator.startsWith('$')) throw requestFailed(`unknown modifier ${operator}`);
    if (!isPlainObject(fields))
      throw writeFailed(`Modifiers operate on fields but we found another type: ${operator}`);
    for (const [path, argument] of Object.entries(fields)) refuseTypeErrors(before, operator, path, argument);
  }
  const after = cloneDeep(before) as Record<string, unknown> & Doc;
  const positional = Object.values(operators).some((fields) =>
    Object.keys(fields as object).some((path) => path.includes('.$')),
  );
  const paths = withMingoErrors(() =>
    update(after, operators as Modifier<Doc>, [], positional ? filter : {}, {
      cloneMode: 'deep',
      queryOptions: QUERY_OPTIONS,
    }),
  );
  return paths.length === 0 || toEjson(after) === toEjson(before) ? before : withinSize(after);
}

const NUMBERS_ONLY = /^\$(inc|mul)$/;
const ARRAYS_ONLY = /^\$(push|addToSet|pull|pullAll|pop)$/;
const CREATES_NOTHING = /^\$(unset|pull|pullAll|pop|rename)$/;

function refuseTypeErrors(doc: Doc, operator: string, path: string, argument: unknown): void {
  const names = path.split('.');
  let value: unknown = doc;
  let at = '';
  for (const name of names) {
    if (name.startsWith('$')) return;
    if (value !== undefined && !canHold(value, name) && !CREATES_NOTHING.test(operator))
      throw writeFailed(`Cannot create field '${name}' in element {${at}: ${JSON.stringify(value)}}`);
    value =
      isPlainObject(value) || Array.isArray(value) ? (value as Record<string, unknown>)[name] : undefined;
    at = name;
  }
  if (NUMBERS_ONLY.test(operator)) {
    if (typeof argument !== 'number')
      throw writeFailed(
        `Cannot ${operator === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${path}: ${JSON.stringify(argument)}}`,
      );
    if (value !== undefined && typeof value !== 'number')
      throw writeFailed(
        `Cannot apply ${operator} to a value of non-numeric type. {_id: ${JSON.stringify(doc._id)}} has the field '${at}' of non-numeric type`,
      );
  }
  if (ARRAYS_ONLY.test(operator) && value !== undefined && !Array.isArray(value))
    throw writeFailed(
      `The field '${path}' must be an array but is of another type in document {_id: ${JSON.stringify(doc._id)}}`,
    );
}

const canHold = (parent: unknown, name: string): boolean =>
  Array.isArray(parent) ? /^\d+$/.test(name) : isPlainObject(parent);

function withinSize(doc: Doc): Doc {
  if (calculateObjectSize(doc) > MAX_DOCUMENT_BYTES) throw writeFailed('object to insert too large');
  return doc;
}
