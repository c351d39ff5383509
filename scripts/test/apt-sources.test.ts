import { expect, it } from 'vitest'
import { backportsFrom, sourcesIn } from '../servers/apt-sources.mjs'

const backports = (files: Readonly<Record<string, string>>, codename = 'bookworm'): readonly string[] =>
  backportsFrom(
    Object.entries(files).flatMap(([name, text]) => sourcesIn(name, text)),
    codename,
  )
const entry = (uri: string, ...options: string[]): string =>
  ['Types: deb', `URIs: ${uri}`, 'Suites: bookworm-backports', 'Components: main', ...options, ''].join('\n')

const inline = `# comment
Types: deb deb-src
URIs: https://mirror.example/debian
Suites: bookworm bookworm-updates
# comment in between
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBFit
 -----END PGP PUBLIC KEY BLOCK-----
`

it.for([
  [
    'one line',
    { 'sources.list': 'deb http://mirror.example/debian bookworm main\n' },
    entry('http://mirror.example/debian'),
  ],
  [
    'one line with options, tabs and a comment',
    {
      'a.list':
        'deb\t[ arch=amd64,arm64 signed-by=/usr/share/keyrings/a.gpg trusted=yes ] http://m.example/debian/ bookworm main contrib # ours',
    },
    entry(
      'http://m.example/debian/',
      'Architectures: amd64 arm64',
      'Signed-By: /usr/share/keyrings/a.gpg',
      'Trusted: yes',
    ),
  ],
  [
    'one line that reads mirrors from a file',
    { 'a.list': 'deb mirror+file:/etc/apt/mirrors/debian.list bookworm main' },
    entry('mirror+file:/etc/apt/mirrors/debian.list'),
  ],
  [
    'a paragraph of fields',
    {
      'debian.sources':
        'types: deb\nuris: http://m.example/debian\nsuites: bookworm bookworm-updates\ncomponents: main\nSigned-By: /k.gpg\n\n' +
        'Types: deb\nURIs: http://m.example/debian-security\nSuites: bookworm-security\nComponents: main\n',
    },
    entry('http://m.example/debian', 'Signed-By: /k.gpg'),
  ],
  [
    'a paragraph with several mirrors, one field over two lines',
    {
      'debian.sources':
        'Types: deb\nURIs: http://a.example/debian\n http://b.example/debian\nSuites: bookworm\nComponents: main\n',
    },
    entry('http://a.example/debian http://b.example/debian'),
  ],
  [
    'a name of the suite that moves on',
    { 'sources.list': 'deb http://m.example/debian stable main' },
    entry('http://m.example/debian'),
  ],
] as const)('asks the mirror of the machine for backports: %s', ([, files, text]) => {
  expect(backports(files)).toEqual([text])
})

it('keeps a key that stands in the entry itself', () => {
  expect(backports({ 'debian.sources': inline })).toEqual([
    entry(
      'https://mirror.example/debian',
      'Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBFit\n -----END PGP PUBLIC KEY BLOCK-----',
    ),
  ])
})

it('tries the place that also has the updates first, then the one that is called debian, then the others', () => {
  const files = {
    'sources.list': `deb http://a.example/php bookworm main
      deb http://c.example/debian bookworm main
      deb http://b.example/os bookworm main
      deb http://b.example/os bookworm-updates main`,
  }
  expect(backports(files)).toEqual(
    ['http://b.example/os', 'http://c.example/debian', 'http://a.example/php'].map((uri) => entry(uri)),
  )
})

it.for([
  [
    'they are set up already',
    'deb http://m.example/debian bookworm main\ndeb http://m.example/debian bookworm-backports main',
  ],
  ['only sources of packages are there', 'deb-src http://m.example/debian bookworm main'],
  ['the line is commented out', '# deb http://m.example/debian bookworm main'],
  ['it is a disc', 'deb cdrom:[Debian GNU/Linux 12.5.0 _Bookworm_ - amd64]/ bookworm main'],
  ['it is of another release', 'deb http://m.example/debian bullseye main'],
  ['it has other components', 'deb http://m.example/linux/debian bookworm stable'],
  ['there is nothing', ''],
])('has nowhere to ask if %s', ([, text = '']) => {
  expect(backports({ 'sources.list': text })).toEqual([])
})

it('passes over an entry that is switched off', () => {
  const off = 'Enabled: no\nTypes: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\n'
  expect(backports({ 'debian.sources': off })).toEqual([])
})
