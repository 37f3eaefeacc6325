// The programs that look into a data folder, on a real one, while its server has it open.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { server } from '../../core/index.js'
import { described } from '../../shell/cli/directory.js'
import { localTime } from '../../shell/cli/moments.js'
import { ledger } from '../../shell/cli/past.js'
import { ReplayLine, type JournalLine, type VerifyLine } from '../../shell/cli/pastline.js'
import { openSqlite } from '../../shell/stores/sqlite.js'
import { morning } from '../model/chronicle.js'
import { free } from '../model/desk.js'
import { directories, nobody } from '../model/past.js'
import { copied, held } from '../stage/cabinet.js'
import { useStage } from '../stage/stage.js'

const main = fileURLToPath(new URL('../../shell/cli/main.js', import.meta.url))

/** The same snapshot as the next version of the program would write it. */
const renewed = (content: string): string => {
  const lines = content.replace(/"form":(\d+)/, (_, form: string) => `"form":${Number(form) + 1}`).split('\n')
  const { digest } = JSON.parse(lines.at(-2) ?? '') as { readonly digest: string }
  const check = createHash('sha256').update(`${lines[0] ?? ''}\n${digest}`).digest('hex')
  return [...lines.slice(0, -2), JSON.stringify({ digest, check }), ''].join('\n')
}

describe('a data folder', () => {
  const stage = useStage()
  const folder = (): string => join(stage.folder, 'data')
  let close: () => Promise<void> = () => Promise.resolve()
  afterEach(async () => {
    await close()
    close = () => Promise.resolve()
  })

  /** Five records a batch, a snapshot behind the tenth; its server has it open until the test ends. */
  const kept = async (records: ReadonlyArray<server.Entry>): Promise<ReadonlyArray<server.Directory>> => {
    const known = directories(nobody(free), records)
    const { store } = held(await openSqlite(ledger, folder(), { history: 1e12, now: () => 1 })(nobody(free))())
    close = store.close
    for (let from = 0; from < records.length; from += 5) {
      const batch = records.slice(from, from + 5)
      held(await store.append({ records: batch, position: from + batch.length })())
      if (from === 5) held(await store.snapshot(known[10] as server.Directory)())
    }
    return known
  }

  const peal = async (...args: ReadonlyArray<string>): Promise<{ readonly code: number | null; readonly lines: ReadonlyArray<string>; readonly stderr: string }> => {
    const program = stage.peal(...args)
    const { code, stderr } = await program.ended
    return { code, lines: program.said, stderr: stderr.trimEnd() }
  }

  /** Names, sizes, times and modes. */
  const looks = async (): Promise<unknown> =>
    Promise.all((await readdir(folder())).sort().map(async (name) => {
      const { size, mtimeMs, mode } = await stat(join(folder(), name))
      return [name, size, mtimeMs, mode]
    }))

  it('is told, shown and verified while its server runs', async () => {
    const { records } = morning()
    const known = await kept(records)
    const { code, lines, stderr } = await peal('journal', folder())
    deepEqual([code, lines.length, stderr], [0, 14, ''])
    match(lines[8] ?? '', /^9 .* Alice \([a-z2-7]{8}\) +join friends Alice: 463 .* \(friends: Me since [\dT:.-]+\)$/)
    const json = await peal('journal', folder(), '--json', '--from', '9', '--until', '10')
    deepEqual([json.code, json.lines.map((line) => JSON.parse(line) as JournalLine).map(({ position, name }) => [position, name])], [0, [[9, 'Ongoing'], [10, 'Done']]])
    const replayed = await peal('replay', folder(), '--until', '1970-01-01T00:01:00Z')
    deepEqual(replayed.lines, [...described(known[11] as server.Directory, 60_000, undefined)])
    const objects = (await peal('replay', folder(), '--json')).lines.map((line): unknown => JSON.parse(line))
    ok(objects.length > 3 && objects.every(ReplayLine.is))
    const verified = await peal('journal', folder(), '--verify', '--json')
    deepEqual([verified.code, verified.lines.map((line) => JSON.parse(line) as VerifyLine).map(({ from, to, snapshot }) => [from, to, snapshot])], [0, [[0, 10, true], [10, 14, false]]])
  })

  it('is as it was when somebody has looked', async () => {
    await kept(morning().records)
    await close()
    const before = await looks()
    for (const command of [['journal'], ['replay'], ['journal', '--verify']]) equal((await peal(...command, folder())).code, 0)
    deepEqual(await looks(), before)
  })

  it('is read as far as somebody reads it', async () => {
    const desk = morning()
    for (let i = 0; i < 3000; i += 1) equal(desk.classic(`${i % 2 === 0 ? 'leave' : 'join'} friends Me`), '200')
    await kept(desk.records)
    for (const args of [['journal'], ['journal', '--json'], ['journal', '--until', '2500']]) {
      const child = spawn(process.execPath, [main, ...args, folder()], { stdio: ['ignore', 'pipe', 'pipe'] })
      const complaints = text(child.stderr)
      await once(child.stdout, 'data')
      child.stdout.destroy()
      const [code] = await once(child, 'exit') as [number | null]
      deepEqual([code, await complaints], [0, ''])
    }
  })

  it('is not missed by a help that nobody reads to its end', async () => {
    for (const args of [['--help'], ['server', '--help'], ['commands']]) {
      const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      const complaints = text(child.stderr)
      child.stdout.destroy()
      const [code] = await once(child, 'exit') as [number | null]
      deepEqual([code, await complaints], [0, ''], args.join(' '))
    }
  })

  it('that is none, or is damaged, is refused with what and where', async () => {
    await kept(morning().records)
    await close()
    const [nothing, file, tail, bits, newer] = ['nothing', 'file', 'tail', 'bits', 'newer'].map((name) => join(stage.folder, name)) as [string, string, string, string, string]
    const at = (of: string, name: string): string => join(of, name)
    await mkdir(nothing)
    await writeFile(file, '')
    await copied(folder(), tail)
    for (const name of await readdir(tail)) if (name.startsWith('journal-10.db')) await rm(at(tail, name))
    await copied(folder(), bits)
    await copied(folder(), newer)
    const snapshot = 'snapshot-10.jsonl'
    const bytes = await readFile(at(bits, snapshot))
    bytes.write('m', bytes.indexOf('"Me"') + 1)
    await writeFile(at(bits, snapshot), bytes)
    const newest = await readFile(at(newer, snapshot), 'utf8')
    await writeFile(at(newer, snapshot), renewed(newest))
    const says = async (...args: ReadonlyArray<string>): Promise<unknown> => {
      const { code, stderr } = await peal(...args)
      return [code, stderr.replaceAll(stage.folder, 'HERE')]
    }
    deepEqual(await says('journal', join(stage.folder, 'nowhere')), [66, 'peal: HERE/nowhere is no folder'])
    deepEqual(await says('journal', file), [66, 'peal: HERE/file is no folder'])
    deepEqual(await says('replay', nothing), [66, 'peal: HERE/nothing holds nothing that could be read'])
    const lost = [65, 'peal: HERE/tail: the journal ends at position 10, and it had reached 14: what stood behind is lost; nothing was changed. Keep the folder as it is, and go on from a copy of before']
    for (const command of [['replay'], ['journal'], ['journal', '--verify']]) deepEqual(await says(...command, tail), lost)
    const other = [65, 'peal: HERE/bits/snapshot-10.jsonl is damaged: it is not what was written']
    for (const command of [['replay'], ['journal', '--from', '11'], ['journal', '--verify']]) deepEqual(await says(...command, bits), other)
    equal((await peal('replay', bits, '--until', '9')).code, 0)
    deepEqual(await says('journal', newer, '--verify'), [65, 'peal: HERE/newer/snapshot-10.jsonl was written by a newer version of this program: it has the form 1.6, and this program reads and writes 1.5. Take a program of the form 1.6; peal server --help says which one it has'])
    deepEqual(await says('journal', folder(), '--from', '15'), [64, `peal: the journal ends at position 14, of ${localTime(65_003)}`])
    match(String(await says('replay', folder(), '--until', 'noon')), /^64,peal: "noon" is no position and no time: /)
    match(String(await says('journal', folder(), '--verify', '--from', '3')), /^64,error: option '--verify' cannot be used with option '--from/)
  })
})
