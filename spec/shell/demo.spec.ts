// The demonstration, as a program: it succeeds, leaves no process and no file behind however it ends, and is no mere show: told to expect
// anything else than what happens, it fails and says what differs.
import assert from 'node:assert/strict'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { present } from '../../shell/cli/demo.js'
import { script, sealedScript } from '../../shell/cli/demo/script.js'
import type { Row, Scene } from '../../shell/cli/demo/scene.js'

const main = fileURLToPath(new URL('../../shell/cli/main.js', import.meta.url))
const summaries = ['43 steps, 6 messages, 17 hops, 4 refusals: all as they should be', '14 steps, 5 messages: all as they should be']
/** the signal 0: asks whether there is somebody to get one */
const anybody = 0

describe('the demonstration', () => {
  let folder = ''
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'peal-spec-'))))
  afterEach(async () => rm(folder, { recursive: true }))

  /** In a process group of its own, by which its programs can be found, and with a folder of its own for temporary files. */
  const demo = (...flags: ReadonlyArray<string>): ChildProcessWithoutNullStreams =>
    spawn(process.execPath, [main, 'demo', ...flags], { detached: true, env: { ...process.env, TMPDIR: folder } })

  const exitCode = async (child: ChildProcessWithoutNullStreams): Promise<number | null> => ((await once(child, 'close')) as [number | null])[0]

  const leavesNothing = async ({ pid }: ChildProcessWithoutNullStreams): Promise<void> => {
    assert(pid !== undefined)
    assert.throws(() => process.kill(-pid, anybody), { code: 'ESRCH' })
    assert.deepEqual(await readdir(folder), [])
  }

  it('is as it should be, in plain text, also where its usual port is taken', async () => {
    const taken = createSocket('udp4').on('error', () => undefined)
    taken.bind(22000, '127.0.0.1')
    const child = demo('--fast')
    const [said, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), exitCode(child)])
    taken.close()
    assert.equal(complaint, '')
    assert.equal(code, 0)
    for (const summary of summaries) assert(said.includes(summary), said)
    assert(said.includes('delivered 3/4 in '), said)
    assert.match(said, / no receipt: I \(no answer, \d+ tries\)\n/)
    assert(said.includes('Me ──> Myself ──> I ──> Foo ──> Bar ──> Me   home in '), said)
    assert(!said.includes('\u001b'))
    assert.deepEqual(said.split('\n').filter((line) => line.length >= 80), [])
    await leavesNothing(child)
  })

  it('leaves nothing behind when it is interrupted', async () => {
    const child = demo()
    while (!String(await once(child.stdout, 'data')).includes('register Myself')) continue
    child.kill('SIGINT')
    assert.equal(await exitCode(child), 130)
    await leavesNothing(child)
  })

  it('leaves nothing behind when nobody reads it any more', async () => {
    const child = demo('--fast', '--only', 'classic')
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [code, complaint] = await Promise.all([exitCode(child), text(child.stderr)])
    assert.equal(code, 141)
    assert.equal(complaint, '')
    await leavesNothing(child)
  })

  describe('fails where the script is wrong about', () => {
    const changed = (change: (row: Row) => Row): ReadonlyArray<Scene> => script.map((scene) => ({ ...scene, rows: scene.rows.map(change) }))

    const wrong: ReadonlyArray<readonly [string, (row: Row) => Row, RegExp]> = [
      ['a code', (row) => (row._tag === 'Ask' && row.line.code === 465 ? { ...row, line: { ...row.line, code: 200 } } : row),
        /"im-complete list_1 Me" at the prompt of Me\n {2}expected {2}200\n {2}got {7}465 NoneOngoing/],
      ['an exit code', (row) => (row._tag === 'Ask' && row.line.ends === 75 ? { ...row, line: { ...row.line, ends: 0 } } : row),
        /the exit code of Myself's program\n {2}expected {2}0\n {2}got {7}75/],
      ['the order of a ring', (row) => (row._tag === 'Send' ? { ...row, messages: row.messages.map((one) => (one.text === 'Hello' ? { ...one, ring: ['Me', 'I', 'Myself', 'Foo', 'Bar'] } : one)) } : row),
        /the ring of "Hello"\n {2}expected .*"Me","I","Myself".*\n {2}got .*"Me","Myself","I"/],
      ['who is on a ring', (row) => (row._tag === 'Send' ? { ...row, messages: row.messages.map((one) => (one.list === 'list_4' ? { ...one, ring: ['Foo', 'Bar'] } : one)) } : row),
        /the ring of "Anyone here\?"\n {2}expected .*"Foo","Bar".*\n {2}got .*\["Foo"\]/],
      ['the saved file', (row) => (row._tag === 'Read' ? { ...row, lists: row.lists.map((list, i) => (i === 0 ? { ...list, members: ['Me', ...list.members] } : list)) } : row),
        /line 9 of config\.txt\n {2}expected {2}"5"\n {2}got {7}"4"/],
    ]

    it('who has a message that went past a killed member', async () => {
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
      const look = { output: nowhere, colours: false, animated: true, fast: true }
      const hopeful = sealedScript.slice(0, 3).map((scene) => ({
        ...scene, rows: scene.rows.map((row) => (row._tag === 'Deliver' ? { ...row, delivered: ['Myself', 'I', 'Foo', 'Bar'], unknown: [] } : row)),
      }))
      await assert.rejects(present(hopeful, look, new AbortController().signal), {
        name: 'Difference', message: /who has "Is I there\?"\n {2}expected .*"I","Myself"\],\[\],\[\]\]\n {2}got .*\["Bar","Foo","Myself"\],\[\],\["I"\]/,
      })
    })

    for (const [what, change, difference] of wrong)
      it(what, async () => {
        const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
        const look = { output: nowhere, colours: false, animated: true, fast: true }
        await assert.rejects(present(changed(change), look, new AbortController().signal), { name: 'Difference', message: difference })
      })
  })
})
