import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { reportOf } from '../src/report.ts'
import { writeReport } from '../src/write-report.ts'
import { tree } from './tree.ts'

const source = { inventory: 'i', folder: '/srv/app', startedAt: 0, builtAt: 1, expected: 0, records: [], problems: [] }

test('a report is two files and nothing else', async () => {
  const folder = tree()
  const { html, json } = await writeReport(await reportOf(source), folder)
  expect(readdirSync(folder).toSorted()).toEqual([basename(html), basename(json)])
})

test('a report that cannot be written leaves no unfinished file behind', async () => {
  const folder = tree({ 'report.html/a-folder-is-in-the-way': '' })
  await expect(writeReport(await reportOf(source), folder)).rejects.toThrow(/EISDIR|ENOTEMPTY/)
  expect(readdirSync(folder)).toEqual(['report.html'])
})
