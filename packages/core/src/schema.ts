import type { StandardSchemaV1 } from '@standard-schema/spec'
import { invalidArgument, type QueueError } from './errors.ts'

/** Any Standard Schema (zod, valibot, arktype, ...) of an object: an input travels as named arguments. */
export type InputSchema = StandardSchemaV1<object, unknown>
export type OutputSchema = StandardSchemaV1<unknown, unknown>

export type SchemaResult<T> = StandardSchemaV1.Result<T>

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
  const where = parameter + pathOf(first)
  const others = issues.slice(1).map((issue) => `${parameter}${pathOf(issue)}: ${issue.message}`)
  return invalidArgument(
    where,
    `was refused by the schema: ${[first?.message ?? 'no reason given', ...others].join('; ')}`,
  )
}

function pathOf(issue: StandardSchemaV1.Issue | undefined): string {
  return (issue?.path ?? []).map((step) => `.${String(typeof step === 'object' ? step.key : step)}`).join('')
}
