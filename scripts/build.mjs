// Builds every package, or only those that the turbo filters given as arguments select. What did not change is not built again.
import { spawn } from 'node:child_process'

const started = performance.now()
const filters = process.argv.slice(2).map((filter) => `--filter=${filter}`)
const turbo = spawn('turbo', ['run', 'build', '--output-logs=errors-only', ...filters], {
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
})
let output = ''
for (const stream of [turbo.stdout, turbo.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
const ticker = setInterval(() => console.log(`  still building (${seconds()})`), 2000)

turbo.on('error', (error) => {
  clearInterval(ticker)
  console.error(`The build could not start (${error.message}). Start it with: npm run build`)
  process.exitCode = 1
})
turbo.on('close', (code) => {
  clearInterval(ticker)
  const [, cached, total] = /Cached:\s+(\d+) cached, (\d+) total/.exec(output) ?? []
  if (code === 0 && total !== undefined)
    console.log(`Built ${total} packages in ${seconds()} (${cached} had not changed).`)
  else console.error(output)
  process.exitCode ||= code ?? 1
})

function seconds() {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`
}
