import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { STATUS_EVENTS, STATUSES } from '@millrace/core'
import { suite } from '@millrace/conformance'
import { describe, it } from 'vitest'

const FRONT_PAGE = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

const names = suite.flatMap((group) => group.cases.map(({ name }) => `${group.name}: ${name}`))

/** What nothing in the contract brings about yet. */
const RESERVED = { statuses: ['waiting'], events: ['hold', 'admit'] }

/** The defects of the system that this one follows, as far as they concern a backend. */
const DEFECTS = [...Array.from({ length: 23 }, (_, i) => i + 1), 25, 26, 29, 31, 38, 39, 40, 41, 43]

describe('the suite', () => {
  it('gives every group and every case a name of its own', () => {
    assert.deepEqual(new Set(suite.map(({ name }) => name)).size, suite.length)
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    )
  })

  it('is as large as promised', () => {
    assert.ok(names.length >= 250, `${names.length} cases`)
  })

  it('walks every status of the table with every event', () => {
    const statuses = STATUSES.filter((status) => !RESERVED.statuses.includes(status))
    const events = STATUS_EVENTS.filter((event) => !RESERVED.events.includes(event))
    const cells = statuses.flatMap((status) => events.map((event) => `transitions: ${status}: ${event} `))
    assert.deepEqual(
      cells.filter((cell) => !names.some((name) => name.startsWith(cell))),
      [],
    )
  })

  for (const defect of DEFECTS) {
    it(`has a case that fails on defect D${defect}`, () => {
      assert.ok(names.some((name) => new RegExp(`\\bD${defect}\\b`).test(name)))
    })
  }

  it('has a case for each promise of the front page', () => {
    const promises = [...FRONT_PAGE.matchAll(/^(\d+)\. \*\*/gm)].map((match) => match[1])
    assert.ok(promises.length >= 9)
    for (const promise of promises) {
      assert.ok(
        names.some((name) => new RegExp(`\\bP${promise}\\b`).test(name)),
        `promise ${promise} has no case`,
      )
    }
  })
})
