const WANTED = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']
const ALLOWED = /^(package\.json|README\.md|LICENSE|(dist|src)\/.+)$/
const FORBIDDEN = /\.tsbuildinfo$|\.test\.|(^|\/)\./
const AT_INSTALL = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']

/**
 * A published package is its build, its sources, a page and a licence, and runs nothing when it is installed.
 * @param {{ files: string[], manifest: import('./files.mjs').Manifest }} packed as it is in the tarball
 * @returns {string[]}
 */
export function packageContents({ files, manifest }) {
  const { name } = manifest
  const workspace = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
  return [
    ...WANTED.filter((file) => !files.includes(file)).map((file) => `${name}: ${file} is missing`),
    ...files
      .filter((file) => !ALLOWED.test(file) || FORBIDDEN.test(file))
      .map((file) => `${name}: ${file} should not be published`),
    ...AT_INSTALL.filter((script) => manifest.scripts?.[script] !== undefined).map(
      (script) => `${name}: has a ${script} script`,
    ),
    ...workspace
      .filter(([, range]) => range.startsWith('workspace:'))
      .map(([dependency]) => `${name}: ${dependency} still points into the workspace`),
  ]
}
