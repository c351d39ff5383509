import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import type { TestProjectInlineConfiguration } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

function project(name: string, folder: string): TestProjectInlineConfiguration {
  // What hangs ends; on a busy machine nothing else does.
  return {
    extends: true,
    test: { name, include: [`${folder}/test/**/*.test.ts`], testTimeout: 60_000, hookTimeout: 60_000 },
  }
}

/** Its tests find a real Redis and Valkey in MILLRACE_TEST_REDIS_URL and MILLRACE_TEST_VALKEY_URL. */
function onServers(name: string, folder: string): TestProjectInlineConfiguration {
  const { test } = project(name, folder)
  const globalSetup = [here('scripts/servers/global-setup.mjs')]
  return { extends: true, test: { ...test, globalSetup } }
}

export default defineConfig({
  // Tests see sources, never a build: a stale dist can not make a test pass, and coverage needs no source maps.
  resolve: {
    alias: [
      { find: /^@millrace\/([a-z-]+)$/, replacement: here('packages/$1/src/index.ts') },
      { find: /^@millrace\/([a-z-]+)\/([a-z-]+)$/, replacement: here('packages/$1/src/$2.ts') },
    ],
  },
  test: {
    // Most of the time tests wait for servers and processes: with one file at a time, which is the default on two cores, so does the machine.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ['default', here('scripts/tally-reporter.ts')],
    projects: [
      project('core', 'packages/core'),
      project('memory', 'packages/memory'),
      project('conformance', 'packages/conformance'),
      onServers('redis-protocol', 'packages/redis-protocol'),
      onServers('redis', 'packages/redis'),
      onServers('valkey', 'packages/valkey'),
      project('worker', 'packages/worker'),
      onServers('testing', 'packages/testing'),
      onServers('example', 'apps/example-worker'),
      onServers('benchmarks', 'benchmarks'),
      onServers('docs', 'docs'),
      project('scripts', 'scripts'),
      onServers('servers', 'scripts/servers'),
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/{core,memory,worker,redis-protocol,redis,valkey}/src/**/*.ts'],
      reporter: ['text', 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: {
        'packages/core/src/**': { lines: 95, branches: 95 },
        'packages/memory/src/**': { lines: 95, branches: 95 },
        'packages/redis-protocol/src/**': { lines: 95, branches: 95 },
        'packages/{redis,valkey}/src/**': { lines: 95, branches: 95 },
      },
    },
  },
})
