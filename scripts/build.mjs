import { spawnSync } from 'node:child_process'

// Builds every package, or only those that the turbo filters given as arguments select. What did not change is not built again.
const filters = process.argv.slice(2).map((filter) => `--filter=${filter}`)
const { status, error } = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only', ...filters], {
  stdio: 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
})
if (error) console.error(`The build could not start (${error.message}). Start it with: npm run build`)
process.exitCode = status ?? 1
