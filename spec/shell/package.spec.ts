// The package as a stranger gets it: packed, installed into an empty folder, used under plain Node.
// A stranger may import it or require it, needs only what it declares (fast-check for the test kit), and can load the core where Node
// offers nothing.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const root = dirname(createRequire(import.meta.url).resolve('peal/package.json'))
const execute = promisify(execFile)

/** Loaded before the core: from then on every import or require of a module of Node's fails, by name. */
const withoutNode = `
import Module, { register } from 'node:module'
const load = Module._load
Module._load = (name, ...rest) => {
  if (Module.isBuiltin(name)) throw new Error('loads ' + name)
  return load(name, ...rest)
}
register('data:text/javascript,' + encodeURIComponent(\`
  import { isBuiltin } from 'node:module'
  export const resolve = (name, context, next) => {
    if (isBuiltin(name)) throw new Error('loads ' + name)
    return next(name, context)
  }
\`))
`

describe('the package', function () {
  this.timeout(180_000)

  let folder = ''
  const run = async (program: string, ...args: ReadonlyArray<string>): Promise<string> =>
    (await execute(program, args, { cwd: folder, shell: process.platform === 'win32' })).stdout.trim()
  const write = async (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'peal-'))
    await write('package.json', '{ "private": true }')
    const tarball = await run('npm', 'pack', root, '--ignore-scripts', '--silent')
    await run('npm', 'install', `./${tarball}`, 'fast-check@4', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund')
  })

  after(async () => rm(folder, { recursive: true, force: true }))

  for (const name of ['peal', 'peal/shell', 'peal/testing'])
    it(`lets an ES module import ${name}`, async () => {
      await write('import.mjs', `import * as it from '${name}'; console.log(Object.keys(it).length)`)
      assert(Number(await run('node', 'import.mjs')) > 0)
    })

  it('lets a CommonJS module require peal', async () => {
    await write('require.cjs', `console.log(Object.keys(require('peal')).length)`)
    assert(Number(await run('node', 'require.cjs')) > 0)
  })

  describe('where no module of Node can be loaded', () => {
    before(async () => write('without.mjs', withoutNode))

    it('loads its core', async () => {
      await write('import.mjs', `import * as it from 'peal'; console.log(Object.keys(it).length)`)
      assert(Number(await run('node', '--import', './without.mjs', 'import.mjs')) > 0)
    })
    it('does not load its shell, which shows that the bar holds', async () => {
      await write('import.mjs', `import 'peal/shell'`)
      await assert.rejects(run('node', '--import', './without.mjs', 'import.mjs'), /loads node:/)
    })
  })

  it('has a program that says its version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    assert.equal(await run('npx', '--no-install', 'peal', '--version'), version)
  })
})
