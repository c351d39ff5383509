import type { Runnable } from '@millrace/core'
import { stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fingerprint } from '../hash.ts'
import { findLicence } from '../licence.ts'
import { readManifest } from '../manifest.ts'
import { isWithin } from '../scan.ts'
import { inspectPackage, type Inspection, type InspectionInput } from '../tasks/inspect-package.ts'
import type { Workplace } from './workplace.ts'

export function handleInspectPackage({ boundary, witness, paceMs = 0 }: Workplace): Runnable {
  return inspectPackage.handle(async (input, { id, attempt, record, signal }) => {
    witness?.started(record.key ?? id, id, attempt)
    // The record may come from anyone who can reach the backend.
    if (boundary !== null && !isWithin(boundary, input.path))
      throw new Error(`${input.place} lies outside of the permitted folder`)
    if (paceMs > 0) await pause(paceMs, undefined, { signal })
    return await inspect(input, signal)
  })
}

/** A row of the report, whatever state the package is in. */
async function inspect({ path, ...identity }: InspectionInput, signal: AbortSignal): Promise<Inspection> {
  const isThere = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const { manifest, problems } = await readManifest(path)
  const { files, bytes, hash, hashed, problems: unreadable } = await fingerprint(path, signal)
  const { licence, licenceFrom, flag, problems: unclear } = await findLicence(path, manifest.licence)
  return {
    ...identity,
    licence,
    licenceFrom,
    flag,
    installScripts: [...manifest.installScripts],
    files,
    bytes,
    hash,
    hashed,
    problems: isThere ? [...problems, ...unclear, ...unreadable] : ['the folder is no longer there'],
  }
}
