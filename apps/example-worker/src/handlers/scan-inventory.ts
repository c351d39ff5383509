import type { Runnable, TaskRecord } from '@millrace/core'
import { enqueueOnce } from '../enqueue-once.ts'
import type { FoundPackage } from '../found-packages.ts'
import { scanPackages } from '../scan.ts'
import { noteDigest } from '../tasks/note-digest.ts'
import { inspectPackage, type InspectionInput } from '../tasks/inspect-package.ts'
import { scanInventory } from '../tasks/scan-inventory.ts'
import { enqueueCheck } from './check-inventory.ts'
import type { Workplace } from './workplace.ts'

const MAX_PROBLEMS = 100

/** Running twice does no harm: what the first run enqueued is found again by its key, finished or not. */
export function handleScanInventory({ client, boundary, digestAfter }: Workplace): Runnable {
  return scanInventory.handle(async ({ folder, webhook, webhookEvery }, { id: inventory, signal, log }) => {
    const metadata = { inventory }
    const options = { metadata, key: inventory, delay: digestAfter }
    await enqueueOnce(client, noteDigest, { inventory }, options)

    const scan = await scanPackages(folder, { boundary, signal })
    const packages = scan.packages.toSorted((a, b) => priorityOf(b) - priorityOf(a) || (a.key < b.key ? -1 : 1))
    const before = await enqueuedBefore(packages, inventory)
    const fresh = packages.filter(({ key }) => !before.has(key))
    log('scanned', { packages: packages.length, enqueuedBefore: before.size, problems: scan.problems.length })
    const handles = await client.enqueueMany(
      inspectPackage,
      fresh.map((one) => ({
        input: inputOf(one),
        options: { key: one.key, onConflict: 'keep', priority: priorityOf(one), metadata },
      })),
    )
    const ids = new Map([...before, ...fresh.map(({ key }, index) => [key, handles[index]?.id ?? ''] as const)])
    await enqueueCheck(client, { inventory, webhook, webhookEvery, round: 1, ended: 0, posted: 0 })
    return {
      inspections: packages.flatMap(({ key }) => ids.get(key) ?? []),
      problems: scan.problems.slice(0, MAX_PROBLEMS),
    }
  })

  /** Ids by key, of what an earlier attempt of this inventory enqueued. */
  async function enqueuedBefore(
    packages: readonly FoundPackage[],
    inventory: string,
  ): Promise<ReadonlyMap<string, string>> {
    const ids = new Map<string, string>()
    const most = client.backend.capabilities.limits.batch
    for (let start = 0; start < packages.length; start += most) {
      const references = packages
        .slice(start, start + most)
        .map(({ key }) => ({ scope: 'task', taskName: inspectPackage.name, key }) as const)
      for (const record of await client.backend.getByKey(references))
        if (belongsTo(record, inventory)) ids.set(record.key, record.id)
    }
    return ids
  }
}

function belongsTo(record: TaskRecord | null, inventory: string): record is TaskRecord & { key: string } {
  return record !== null && record.key !== null && record.metadata['inventory'] === inventory
}

/** What a person wants to know first: code that runs at install, no licence stated, what the project itself asks for. */
function priorityOf({ hasInstallScripts, hasLicenceField, direct }: FoundPackage): number {
  return (hasInstallScripts ? 20 : 0) + (hasLicenceField ? 0 : 10) + (direct ? 5 : 0)
}

function inputOf({ name, version, path, place, direct, copies, differsFrom }: FoundPackage): InspectionInput {
  return { name, version, path, place, direct, copies, differsFrom }
}
