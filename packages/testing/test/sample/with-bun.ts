import { test } from 'bun:test'
import { backendAt } from './backend.ts'
import { sample } from './sample.ts'

for (const { name, run } of sample) test(name, () => run(backendAt(process.env['MILLRACE_URL'])))
