// What is run by hand says what is wrong with its command line, and what may stand there.
import { deepEqual, match } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { root } from '../protocol.js'

/** Its exit code, and the first line of what it says. */
const run = (program: string, ...args: ReadonlyArray<string>): Promise<readonly [number, string]> =>
  new Promise((resolve) => {
    execFile(process.execPath, [fileURLToPath(new URL(`.dist/spec/${program}.js`, root)), ...args], (error, stdout, stderr) => {
      resolve([Number(error?.code ?? 0), (stdout + stderr).split('\n')[0] ?? ''])
    })
  })

describe('what is run by hand', () => {
  it('refuses what it cannot read, and does nothing', async () => {
    for (const [program, ...args] of [
      ['simulation/campaign', '--seed', 'abc'], ['simulation/campaign', '--seeds', '9..x'], ['simulation/campaign', '--seeds', '9..1'], ['simulation/campaign', '--bug', 'none'],
      ['simulation/cells', '--sessions', 'lukewarm'], ['simulation/waiting', '--scenes', '99'], ['exhaustive/check', 'some'], ['torture/ring', 'ten'], ['torture/seeds', '1', '-1'],
    ] as const) {
      const [code, said] = await run(program, ...args)
      deepEqual([program, code], [program, 64])
      match(said, /^error: .*(expected|Allowed choices are|unknown option)/)
    }
  })

  it('says what it takes', async () => {
    for (const program of ['simulation/campaign', 'torture/kill', 'bench/hops']) deepEqual(await run(program, '--help'), [0, `Usage: ${program.split('/')[1]} [options]${program === 'torture/kill' ? ' [kills] [seed]' : program === 'bench/hops' ? ' [sizes...]' : ''}`])
  })
})
