import { expect, test } from 'vitest'
import { farewell } from '../src/farewell.ts'

const clean = { settled: 3, released: 2, abandoned: [], unsettled: 0 }

test('a worker that has given everything back says nothing, and its program ends with code 0', () => {
  expect(farewell(clean)).toEqual({ words: '', code: 0 })
})

test('one that had to leave handlers or outcomes behind says so, and its program ends with code 1', () => {
  const abandoned = ['a', 'b'].map((id) => ({ id, attempt: 1, taskName: 'package.inspect' }))
  expect(farewell({ ...clean, abandoned })).toEqual({
    words: ' Left behind: 2 handlers of package.inspect.',
    code: 1,
  })
  expect(farewell({ ...clean, unsettled: 1 })).toEqual({
    words: ' Not told to the backend: 1 outcome; these tasks will run again.',
    code: 1,
  })
})
