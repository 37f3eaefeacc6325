// What `npm test` runs: every promise that a tool can check, then the tests. `--only lint,directions` runs some of it.
//
//   build ──> lint, directions, unused, package (at once) ──> tests ──> rules: each rule of `PROTOCOL.md` is the title of a test that passed
//
// A check says one line, and all that its tool said when it fails; the others go on, but nothing follows a failed build.
// The last line counts mocha's tests and the checks; the exit code is 1 when any failed or when no test ran.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const folders = ['core', 'shell', 'spec']
const commands = {
  build: ['node_modules/typescript/bin/tsc', '-b'],
  lint: ['node_modules/eslint/bin/eslint.js', '-c', 'spec/quality/eslint.config.mjs', '--max-warnings=0', ...folders],
  directions: ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', 'spec/quality/dependency-cruiser.cjs', ...folders],
  unused: ['spec/quality/unused.mjs'],
  package: ['node_modules/publint/src/cli.js', 'run', '--strict'],
  tests: ['node_modules/mocha/bin/mocha.js', '--parallel', '--jobs', String(availableParallelism()), '--forbid-only', '--forbid-pending', '--reporter', 'spec/quality/reporter.cjs'],
}
const checks = ['lint', 'directions', 'unused', 'package']

const { values } = parseArgs({ options: { only: { type: 'string', default: Object.keys(commands).join() } } })
const chosen = new Set(values.only.split(','))
const strangers = [...chosen].filter((name) => !Object.hasOwn(commands, name))
if (strangers.length > 0) {
  console.error(`No check is called ${strangers.join(', ')}. There are: ${Object.keys(commands).join(', ')}.`)
  process.exit(64)
}

/** Runs the command called `name`; resolves to its exit code and, unless it is `shown` at once, what it said. */
const run = (name, { shown = false, env = {} } = {}) =>
  new Promise((resolve, reject) => {
    const to = shown ? 'inherit' : 'pipe'
    const child = spawn(process.execPath, commands[name], { stdio: ['ignore', to, to], env: { ...process.env, ...env } })
    const said = []
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => said.push(text))
    child.once('error', reject).once('close', (code) => resolve({ code, said: said.join('') }))
  })

const total = { passed: 0, failed: 0 }

/** Says how a check went, in one line, and what its tool said when it failed. */
const report = (name, started, ok, said = '') => {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(10)} ${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s`)
  if (!ok && said) console.log(said.trimEnd())
}

const check = async (name) => {
  const started = Date.now()
  const { code, said } = await run(name)
  report(name, started, code === 0, said)
  total[code === 0 ? 'passed' : 'failed'] += 1
  return code === 0
}

/** Removes what was compiled from files that are gone: the tests among it would still run. */
const sweep = () => {
  const compiled = /\.(js|js\.map|d\.ts)$/
  for (const folder of folders.filter((name) => existsSync(join('.dist', name))))
    for (const name of readdirSync(join('.dist', folder), { recursive: true }))
      if (compiled.test(name) && !existsSync(join(folder, name.replace(compiled, '.ts')))) rmSync(join('.dist', folder, name))
}

/** Each rule that no test shows. */
const unshown = async (titles) => {
  const { ruleTitles } = await import('../../.dist/spec/protocol.js')
  const shown = new Set(titles)
  return ruleTitles().filter((title) => !shown.has(title))
}

/** Counts mocha's tests; a run that broke off, or in which nothing ran, is one failure more. Then the rules. */
const test = async () => {
  const started = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'peal-'))
  const counts = join(folder, 'counts.json')
  const { code } = await run('tests', { shown: true, env: { PEAL_COUNTS: counts } })
  const { passed, failed, titles } = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : { passed: 0, failed: 0, titles: [] }
  rmSync(folder, { recursive: true })
  const broken = passed + failed === 0 || (code !== 0 && failed === 0)
  report('tests', started, code === 0 && !broken, passed + failed === 0 ? 'No test ran.' : '')
  total.passed += passed
  total.failed += failed + (broken ? 1 : 0)
  const compared = Date.now()
  const missing = await unshown(titles)
  report('rules', compared, missing.length === 0, `No test that passed has the title of:\n${missing.join('\n')}`)
  total[missing.length === 0 ? 'passed' : 'failed'] += 1
}

if (chosen.has('build')) sweep()
if (!chosen.has('build') || (await check('build'))) {
  await Promise.all(checks.filter((name) => chosen.has(name)).map(check))
  if (chosen.has('tests')) await test()
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
