import type { StandardSchemaV1 } from '@standard-schema/spec'
import { invalidArgument, type QueueError } from './errors.ts'
import { pathText } from './path.ts'

/** Any Standard Schema (zod, valibot, arktype, ...) of an object: an input travels as named arguments. */
export type InputSchema = StandardSchemaV1<object, unknown>
export type OutputSchema = StandardSchemaV1<unknown, unknown>

type SchemaResult<T> = StandardSchemaV1.Result<T>

/** @throws QueueError `invalid_argument` where it stands, instead of a TypeError at the first enqueue. */
export function checkSchema(parameter: string, schema: StandardSchemaV1): void {
  if (typeof schema?.['~standard']?.validate !== 'function') {
    throw invalidArgument(parameter, 'must be a Standard Schema, as zod, valibot and arktype make them')
  }
}

/** What the schema says of a value: its parsed form, or an error that names each offender under `parameter`. */
export function parse<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
  parameter: string,
): StandardSchemaV1.InferOutput<S> | Promise<StandardSchemaV1.InferOutput<S>> {
  const result = schema['~standard'].validate(value)
  return result instanceof Promise
    ? result.then((settled) => parsed<S>(settled, parameter))
    : parsed<S>(result, parameter)
}

function parsed<S extends StandardSchemaV1>(
  result: SchemaResult<StandardSchemaV1.InferOutput<S>>,
  parameter: string,
): StandardSchemaV1.InferOutput<S> {
  if (result.issues === undefined) return result.value
  throw refusal(result.issues, parameter)
}

function refusal(issues: readonly StandardSchemaV1.Issue[], parameter: string): QueueError {
  const [first] = issues
  const where = pathOf(parameter, first)
  const others = issues.slice(1).map((issue) => `${pathOf(parameter, issue)}: ${issue.message}`)
  return invalidArgument(
    where,
    `was refused by the schema: ${[first?.message ?? 'no reason given', ...others].join('; ')}`,
  )
}

function pathOf(parameter: string, issue: StandardSchemaV1.Issue | undefined): string {
  const keys = (issue?.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))
  return pathText(
    parameter,
    keys.map((key) => (typeof key === 'number' ? key : String(key))),
  )
}
