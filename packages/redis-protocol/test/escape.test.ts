import { assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, it } from 'vitest'
import { escapeText, unescapeText, withoutControls } from '../src/escape.ts'

const texts = oneof(
  string(),
  string({ unit: 'binary' }),
  string({ unit: constantFrom('\t', '\n', '\\', '"', '\u0000', 'a', '🙂') }),
)

it('escapes any text to one without control characters, and reads it back', () => {
  assert(
    property(
      texts.filter((text) => text !== ''),
      (text) => {
        const escaped = escapeText(text)
        expect(Array.from(escaped).every((character) => character >= ' ')).toBe(true)
        expect(unescapeText(escaped)).toBe(text)
      },
    ),
  )
})

it('keeps different texts different', () => {
  const same = property(texts, texts, (a, b) => {
    expect(escapeText(a) === escapeText(b)).toBe(a === b)
  })
  assert(same)
})

it('stores null as nothing', () => {
  expect([escapeText(null), unescapeText('')]).toEqual(['', null])
})

it('turns white space of JSON into spaces and changes no value', () => {
  const json = '{\n\t"a": [1,\r\n2], "b": "\\n"}'
  expect(withoutControls(json)).not.toMatch(/[\n\r\t]/)
  expect(JSON.parse(withoutControls(json))).toEqual(JSON.parse(json))
  expect(withoutControls('{"a":1}')).toBe('{"a":1}')
  expect(withoutControls('\u001d\u001e\u001f\u007f')).toBe('   \u007f')
})
