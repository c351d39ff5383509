import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writableFolder } from './folder.ts'
import { reportHtml } from './report-html.ts'
import type { Report } from './report.ts'

export interface ReportFiles {
  readonly html: string
  readonly json: string
}

/** Each file is there whole or as it was before, also if two runs of the task write at once. */
export async function writeReport(report: Report, folder: string): Promise<ReportFiles> {
  await writableFolder(folder)
  const html = join(folder, 'report.html')
  const json = join(folder, 'report.json')
  await replace(html, reportHtml(report))
  await replace(json, `${JSON.stringify(report, null, 2)}\n`)
  return { html, json }
}

async function replace(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`
  try {
    await writeFile(unfinished, text)
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}
