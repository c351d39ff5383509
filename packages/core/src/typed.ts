import type { Json, JsonObject } from './json.ts'

/*
 * The only file with type assertions. Each carries its proof.
 */

/**
 * What strict JSON makes of a type: interfaces and type aliases stay as they are; where a Date, Map, bigint, function or
 * `undefined` in an array stands, there is `never`, and the mistake is a compile error where the value is written.
 */
export type JsonCompatible<T> = T extends Json
  ? T
  : T extends bigint | symbol | undefined | ((...parameters: never[]) => unknown)
    ? never
    : T extends readonly unknown[]
      ? { [I in keyof T]: JsonCompatible<T[I]> }
      : T extends object
        ? {
            [K in keyof T]: undefined extends T[K]
              ? JsonCompatible<Exclude<T[K], undefined>> | undefined
              : JsonCompatible<T[K]>
          }
        : never

/** The types that a task carries for the compiler; never present at run time. */
export interface TaskTypes<Input, Output> {
  readonly input: Input
  readonly output: Output
}

/**
 * A stored input as the type its task declares. Proof: `enqueue` only takes `JsonCompatible<Input>` for this task and stores it
 * unchanged. A task with a schema never comes here: it parses.
 */
export function storedInput<Input>(kwargs: JsonObject): Input {
  return kwargs as Input
}

/**
 * A stored result as the type its task declares. Proof: only `run` of this task (or its `output` schema) produced it, its type is
 * storable, and storing changes nothing but `undefined` into null. A task with an output schema parses instead.
 */
export function storedOutput<Output>(result: Json): Output {
  return result as Output
}

/** What a schema made of an input, as the type that the handler takes. Proof: `run` takes the schema's own `InferOutput`. */
export function parsedInput<Parsed>(value: unknown): Parsed {
  return value as Parsed
}
