// Makes a fresh clone ready: checks the Node version and installs the locked dependencies when they are missing or older than the lock file.
// Runs before `npm test` and `npm run demo`, on plain Node, so it may import nothing that has to be installed.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const EX_UNAVAILABLE = 69
const needed = [20, 19]
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(`Peal needs Node ${needed.join('.')} or newer; this is ${process.versions.node}. Install a newer Node and run the command again.\n`)
  process.exit(EX_UNAVAILABLE)
}

const lock = 'package-lock.json'
const installed = 'node_modules/.package-lock.json'
const stale = () => !existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs
if (stale()) {
  process.stderr.write('Installing the locked dependencies (once) ...\n')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' })
  if (status !== 0) {
    process.stderr.write('`npm ci` failed: is the npm registry reachable? Nothing else was done.\n')
    process.exit(status ?? EX_UNAVAILABLE)
  }
}
