import { STATUS, type TaskRecord } from '@millrace/core'
import { UNKNOWN } from './licence.ts'
import { inspectionInput, inspectPackage, type Inspection } from './tasks/inspect-package.ts'

/** What `report.json` holds and `report.html` shows. */
export interface Report {
  readonly inventory: string
  readonly folder: string
  /** ISO 8601, as is `builtAt`. */
  readonly startedAt: string
  readonly builtAt: string
  readonly totals: Totals
  /** How many packages are under each licence, the most frequent first. */
  readonly licences: readonly LicenceCount[]
  /** What the scan could not look into, and what is missing from this report. */
  readonly problems: readonly string[]
  /** By name and version; copies that differ are rows of their own. */
  readonly packages: readonly Inspection[]
}

interface Totals {
  readonly packages: number
  readonly files: number
  readonly bytes: number
  readonly direct: number
  readonly withInstallScripts: number
  /** Packages that somebody should look at because of their licence. */
  readonly flagged: number
  readonly partlyHashed: number
  readonly problems: number
}

export interface LicenceCount {
  readonly licence: string
  readonly flag: Inspection['flag']
  readonly packages: number
}

export interface ReportSource {
  readonly inventory: string
  readonly folder: string
  readonly startedAt: number
  readonly builtAt: number
  /** How many inspections there should be. */
  readonly expected: number
  readonly records: readonly TaskRecord[]
  readonly problems: readonly string[]
}

/** An inspection that failed, was cancelled or cannot be read is a row with its problem; one that is gone is counted. */
export async function reportOf(source: ReportSource): Promise<Report> {
  const { inventory, folder, expected, records } = source
  const rows = await Promise.all(records.map(rowOf))
  const packages = rows.toSorted(
    (a, b) =>
      compare(a.name, b.name) ||
      compare(a.version ?? '', b.version ?? '') ||
      compare(a.differsFrom ?? '', b.differsFrom ?? '') ||
      compare(a.place, b.place),
  )
  const gone = expected - records.length
  return {
    inventory,
    folder,
    startedAt: new Date(source.startedAt).toISOString(),
    builtAt: new Date(source.builtAt).toISOString(),
    totals: totalsOf(packages),
    licences: countLicences(packages),
    problems: gone === 0 ? source.problems : [...source.problems, `${gone} inspections are no longer on record`],
    packages,
  }
}

async function rowOf(record: TaskRecord): Promise<Inspection> {
  if (record.status !== STATUS.completed) return failedRow(record, record.error?.message ?? record.status)
  try {
    return await inspectPackage.readOutput(record.result)
  } catch {
    return failedRow(record, 'its result cannot be read')
  }
}

function failedRow({ id, key, kwargs }: TaskRecord, why: string): Inspection {
  const input = inspectionInput.safeParse(kwargs)
  const { name, version, place, direct, copies, differsFrom } = input.success
    ? input.data
    : { name: key ?? id, version: null, place: '', direct: false, copies: 1, differsFrom: null }
  return {
    name, version, place, direct, copies, differsFrom,
    licence: UNKNOWN, licenceFrom: 'none', flag: 'unknown', installScripts: [],
    files: 0, bytes: 0, hash: '', hashed: 'partial',
    problems: [`not inspected: ${why}`],
  } // prettier-ignore
}

function totalsOf(packages: readonly Inspection[]): Totals {
  const count = (is: (one: Inspection) => boolean): number => packages.filter(is).length
  return {
    packages: packages.length,
    files: packages.reduce((sum, { files }) => sum + files, 0),
    bytes: packages.reduce((sum, { bytes }) => sum + bytes, 0),
    direct: count(({ direct }) => direct),
    withInstallScripts: count(({ installScripts }) => installScripts.length > 0),
    flagged: count(({ flag }) => flag !== null),
    partlyHashed: count(({ hashed }) => hashed === 'partial'),
    problems: count(({ problems }) => problems.length > 0),
  }
}

function countLicences(packages: readonly Inspection[]): readonly LicenceCount[] {
  const counts = new Map<string, LicenceCount>()
  for (const { licence, flag } of packages) {
    const before = counts.get(licence)?.packages ?? 0
    counts.set(licence, { licence, flag, packages: before + 1 })
  }
  return [...counts.values()].toSorted((a, b) => b.packages - a.packages || compare(a.licence, b.licence))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
