import { filesBelow, packagesOf, read } from './files.mjs'

/**
 * What users will get is announced: a changeset waits in .changeset, or the changelog already tells.
 * @param {string} root
 */
export function changeset(root) {
  const packages = packagesOf(root).filter(({ manifest }) => manifest.private !== true)
  const withSource = packages.filter(({ folder }) => filesBelow(root, `${folder}/src`).length > 0)
  const waiting = filesBelow(root, '.changeset').filter((file) => file.endsWith('.md') && !file.endsWith('README.md'))
  const problems = []
  for (const file of waiting) {
    const [, head = '', body = ''] = read(root, file).split(/^---$/m)
    const named = [...head.matchAll(/^['"]?([^'":]+)['"]?:\s*(major|minor|patch)$/gm)].map((match) => match[1])
    for (const name of named) {
      if (!packages.some(({ manifest }) => manifest.name === name)) problems.push(`${file}: no package ${name}`)
    }
    if (body.trim() === '') problems.push(`${file}: says nothing`)
  }
  const released = withSource.some(({ folder }) => filesBelow(root, folder).includes(`${folder}/CHANGELOG.md`))
  if (withSource.length > 0 && waiting.length === 0 && !released)
    problems.push('packages have sources, but neither .changeset nor a CHANGELOG.md says what changed')
  return { problems, note: `${waiting.length} waiting` }
}
