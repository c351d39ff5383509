import type { KeyReference } from './backend.ts'
import { checkArray, checkName, checkObject, checkOneOf, checkOptions, checkText } from './check.ts'
import type { Limits } from './limits.ts'
import { KEY_SCOPES } from './record.ts'

/** @throws QueueError naming the first bad one under `parameter`. */
export function checkKeyReferences(parameter: string, keys: readonly KeyReference[], limits: Limits): void {
  checkArray(parameter, keys, limits.batch).forEach((key, i) => checkReference(`${parameter}[${i}]`, key, limits))
}

function checkReference(parameter: string, key: KeyReference, limits: Limits): void {
  checkObject(parameter, key)
  checkOneOf(`${parameter}.scope`, key.scope, KEY_SCOPES)
  checkOptions(parameter, key, key.scope === 'task' ? ['scope', 'taskName', 'key'] : ['scope', 'key'])
  if (key.scope === 'task') checkName(`${parameter}.taskName`, key.taskName)
  checkText(`${parameter}.key`, key.key, limits.keyBytes)
}
