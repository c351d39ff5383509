/** What a licence says that no other one says, in lower case with single spaces. */
const MARKS: readonly (readonly [mark: string, licence: (text: string) => string])[] = [
  ['permission is hereby granted, free of charge, to any person obtaining a copy', mitOrMit0],
  ['permission to use, copy, modify, and/or distribute this software for any purpose with or without fee', iscOr0bsd],
  ['permission to use, copy, modify, and distribute this software for any purpose with or without fee', iscOr0bsd],
  ['redistribution and use in source and binary forms', bsd],
  ['apache license, version 2.0', () => 'Apache-2.0'],
  ['apache license version 2.0', () => 'Apache-2.0'],
  ['mozilla public license version 2.0', () => 'MPL-2.0'],
  ['mozilla public license, version 2.0', () => 'MPL-2.0'],
  ['mozilla public license, v. 2.0', () => 'MPL-2.0'],
  ['this is free and unencumbered software released into the public domain', () => 'Unlicense'],
  ['creative commons zero v1.0 universal', () => 'CC0-1.0'],
  ['cc0 1.0 universal', () => 'CC0-1.0'],
  ['gnu affero general public license', (text) => gnu('AGPL', text)],
  ['gnu lesser general public license', (text) => gnu('LGPL', text)],
  ['gnu library general public license', (text) => gnu('LGPL', text)],
  ['gnu general public license', (text) => gnu('GPL', text)],
]

/** The licence of a LICENSE file by what it says; of several the first (the others are those of bundled code). null: not recognised. */
export function recogniseLicence(file: string): string | null {
  const text = file.toLowerCase().replaceAll(/[\s*#>_]+/g, ' ')
  let first = Infinity
  let licence: string | null = null
  for (const [mark, name] of MARKS) {
    const at = text.indexOf(mark)
    if (at === -1 || at >= first) continue
    first = at
    licence = name(text.slice(at))
  }
  return licence
}

/** MIT-0 is the MIT licence without its condition: right after the permission comes the disclaimer. In doubt the condition holds. */
function mitOrMit0(text: string): string {
  return /to do so\. the software is provided/.test(text) ? 'MIT-0' : 'MIT'
}

function iscOr0bsd(text: string): string {
  return /^.{0,200}?provided that the above copyright notice/.test(text) ? 'ISC' : '0BSD'
}

function bsd(text: string): string {
  if (text.includes('all advertising materials')) return 'BSD-4-Clause'
  return /neither the names? of|names? of (?:its|the|any) (?:contributors|copyright|author)|may not be used to endorse/.test(
    text,
  )
    ? 'BSD-3-Clause'
    : 'BSD-2-Clause'
}

function gnu(family: string, text: string): string {
  const version = /version (\d(?:\.\d)?)/.exec(text)?.[1]
  return version === undefined ? family : `${family}-${version.includes('.') ? version : `${version}.0`}`
}
