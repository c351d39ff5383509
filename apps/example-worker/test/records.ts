import type { TaskRecord } from '@millrace/core'
import { inspectPackage, type Inspection } from '../src/tasks/inspect-package.ts'

let made = 0

/** A record as a backend might answer it. */
export function record(fields: Partial<TaskRecord> = {}): TaskRecord {
  made += 1
  return {
    id: `00000000-0000-7000-8000-${String(made).padStart(12, '0')}`,
    taskName: inspectPackage.name,
    queue: inspectPackage.options.queue,
    args: [],
    kwargs: {},
    metadata: {},
    priority: 0,
    key: null,
    keyScope: null,
    keyHold: null,
    group: null,
    parentId: null,
    status: 'completed',
    lastEvent: 'complete',
    attempt: 1,
    maxRetries: 0,
    retryCount: 0,
    maxRecoveries: 3,
    recoveries: 0,
    requeueOnStale: true,
    replays: 0,
    scheduledAt: null,
    expiresAt: null,
    createdAt: 0,
    queuedAt: 0,
    startedAt: null,
    heartbeatAt: null,
    completedAt: null,
    executionBackend: 'local',
    executionProfile: null,
    executionRef: null,
    workerId: null,
    result: null,
    error: null,
    progress: null,
    ...fields,
  }
}

export function completedInspection(fields: Partial<Inspection>): TaskRecord {
  const result: Inspection = {
    name: 'a',
    version: '1.0.0',
    place: 'a',
    direct: false,
    copies: 1,
    differsFrom: null,
    licence: 'MIT',
    licenceFrom: 'manifest',
    flag: null,
    installScripts: [],
    files: 0,
    bytes: 0,
    hash: 'ab'.repeat(32),
    hashed: 'full',
    problems: [],
    ...fields,
  }
  return record({ key: `${result.name}@${result.version}`, result })
}
