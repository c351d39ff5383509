import { test } from 'node:test'
import { backendAt } from './backend.ts'
import { sample } from './sample.ts'

for (const { name, run } of sample) void test(name, () => run(backendAt(process.env['MILLRACE_URL'])))
