import { describe, expect, test } from 'vitest'
import { recogniseLicence } from '../src/licence-text.ts'
import { findLicence, flagOf, licenceInManifest } from '../src/licence.ts'
import { TEXTS } from './licence-texts.ts'
import { link, tree } from './tree.ts'

describe('the licence in a manifest', () => {
  test.each([
    ['MIT', 'MIT'],
    ['  ISC ', 'ISC'],
    ['(MIT OR Apache-2.0)', 'MIT OR Apache-2.0'],
    [{ type: 'BSD-3-Clause', url: 'https://example.com' }, 'BSD-3-Clause'],
    [[{ type: 'MIT' }, { type: 'GPL-2.0' }], 'MIT OR GPL-2.0'],
    [[{ type: 'MIT AND ISC' }, 'Zlib'], 'MIT AND ISC OR Zlib'],
    [['MIT', 'MIT', 7], 'MIT'],
    ['The MIT License', 'MIT'],
    ['MIT/X11', 'MIT'],
    ['Apache License, Version 2.0', 'Apache-2.0'],
    ['Apache 2.0', 'Apache-2.0'],
    ['GPLv3', 'GPL-3.0'],
    ['UNLICENSED', 'UNLICENSED'],
    ['unlicenced', 'UNLICENSED'],
    ['Proprietary', 'UNLICENSED'],
    ['commercial', 'UNLICENSED'],
    ['none', 'UNLICENSED'],
    ['Copyright 2020 A. Person. All rights reserved.', 'UNLICENSED'],
    ['Unlicense', 'Unlicense'],
  ])('%j is %j', (field, licence) => expect(licenceInManifest(field)).toEqual({ licence, problem: null }))

  test.each([undefined, null, '', '  ', 'SEE LICENSE IN LICENSE.md', 'see license in file', []])(
    '%j says nothing',
    (field) => expect(licenceInManifest(field)).toEqual({ licence: null, problem: null }),
  )

  test.each([7, true, {}, { type: 3 }, [[]], [{}], 'constructor of things', '<b>MIT</b>', 'MIT & ISC', '\uD800'])(
    '%j is a problem',
    (field) => {
      const { licence, problem } = licenceInManifest(field)
      expect(licence).toBeNull()
      expect(problem).toMatch(/^package\.json: the licence is .+, not an SPDX expression$/)
      expect(problem?.isWellFormed()).toBe(true)
    },
  )
})

describe('the text of a licence file', () => {
  test.each(Object.entries(TEXTS))('is recognised as %s', (licence, text) => {
    expect(recogniseLicence(text)).toBe(licence)
    expect(recogniseLicence(text.replaceAll('\n', '\r\n'))).toBe(licence)
    expect(recogniseLicence(text.replaceAll(/^/gm, ' * '))).toBe(licence)
  })

  test('of several licences is that of the first, which is the package’s own', () => {
    expect(recogniseLicence(`${TEXTS['MIT']}\n\n# Bundled\n\n${TEXTS['Apache-2.0']}`)).toBe('MIT')
    expect(recogniseLicence(`${TEXTS['Apache-2.0']}\n\n${TEXTS['MIT']}`)).toBe('Apache-2.0')
  })

  test.each([
    ['is cut off', ''],
    [
      'has a longer condition',
      'this permission notice (including the next paragraph) shall be included in all copies.',
    ],
  ])('of MIT that %s is not taken for MIT-0, which asks for less', (_, condition) => {
    const permission = 'Permission is hereby granted, free of charge, to any person obtaining a copy [...] to do so'
    expect(recogniseLicence(`${permission}, subject to the following:\n\n${condition}`)).toBe('MIT')
  })

  test.each(['', 'All rights reserved.', 'MIT'])('%j is not recognised', (text) =>
    expect(recogniseLicence(text)).toBeNull(),
  )
})

describe('the licence of a package', () => {
  test('is what the manifest says, whatever the file says', async () => {
    const folder = tree({ LICENSE: TEXTS['MIT'] ?? '' })
    expect(await findLicence(folder, 'ISC')).toEqual({
      licence: 'ISC',
      licenceFrom: 'manifest',
      flag: null,
      problems: [],
    })
  })

  test.each(['LICENSE', 'licence.md', 'License-MIT.txt', 'COPYING', 'NOTICE', 'UNLICENSE'])(
    'is found in %s',
    async (name) => {
      const folder = tree({ [name]: TEXTS['MIT'] ?? '' })
      expect(await findLicence(folder, undefined)).toMatchObject({ licence: 'MIT', licenceFrom: 'file' })
    },
  )

  test('is that of LICENSE before that of NOTICE, and of the first file that is recognised', async () => {
    const folder = tree({ NOTICE: TEXTS['ISC'] ?? '', LICENSE: TEXTS['MIT'] ?? '', 'LICENCE-0': 'nothing known' })
    expect(await findLicence(folder, 'SEE LICENSE IN LICENSE')).toMatchObject({ licence: 'MIT' })
  })

  test('is unknown, with the reason, if nothing says it', async () => {
    const folder = tree({
      LICENSE: 'ask me',
      'LICENSE.folder/x': '',
      COPYING: link('/etc/hostname'),
      'licence.bin': new Uint8Array([0xff]),
    })
    expect(await findLicence(folder, 'do what you like')).toEqual({
      licence: 'unknown',
      licenceFrom: 'none',
      flag: 'unknown',
      problems: ['package.json: the licence is “do what you like”, not an SPDX expression'],
    })
    expect(await findLicence(`${folder}/gone`, undefined)).toMatchObject({
      licence: 'unknown',
      problems: ['package.json has no licence field'],
    })
  })

  test.each([
    ['MIT', null],
    ['MIT OR GPL-3.0', null],
    ['GPL-3.0-or-later', 'copyleft'],
    ['AGPL-3.0', 'copyleft'],
    ['AGPLv3', 'copyleft'],
    ['LGPLv2.1', 'copyleft'],
    ['MIT AND LGPL-2.1', 'copyleft'],
    ['MPL-2.0', null],
    ['UNLICENSED', 'unlicensed'],
    ['unknown', 'unknown'],
  ])('%s is flagged %s', (licence, flag) => expect(flagOf(licence)).toBe(flag))
})
