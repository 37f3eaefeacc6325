// The driver's order, and the folder of saved files when things go wrong.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { none, some, type Option } from 'fp-ts/lib/Option.js'
import { drive, folder } from '../../shell/index.js'
import { operator, type FileName, type Instant, type Machine, type Persist } from '../../core/index.js'

/** Counts; makes every second count durable; wants to be woken at its deadline. */
interface Counting { readonly count: number; readonly deadline: Option<Instant> }
type Command = { readonly _tag: 'Count' } | { readonly _tag: 'Wake' } | { readonly _tag: 'Later'; readonly at: Instant }
type Effect = Persist<number> | { readonly _tag: 'Say'; readonly count: number }

const counter: Machine<Counting, Command, string, Effect> = {
  reduce: (state, { command }) => {
    if (command._tag === 'Later') return { state: { ...state, deadline: some(command.at) }, response: none, effects: [] }
    const count = state.count + 1
    const say: Effect = { _tag: 'Say', count }
    return {
      state: { count, deadline: none },
      response: some(`${command._tag} ${count}`),
      effects: count % 2 === 0 ? [{ _tag: 'Persist', record: count }, say] : [say],
    }
  },
  wake: { _tag: 'Wake' },
  wakeAt: ({ deadline }) => deadline,
  violations: () => [],
}

const instant = (ms: number): Instant => ms as Instant

describe('the driver', () => {
  it('lets nothing overtake what must be durable first, not even the answer to a later command', async () => {
    const seen: string[] = []
    const durable: Array<() => void> = []
    const driver = drive(counter, { count: 0, deadline: none }, {
      clock: () => instant(0),
      interpret: { Persist: () => new Promise<void>((kept) => durable.push(kept)), Say: ({ count }) => void seen.push(`say ${count}`) },
      respond: (_, response) => void seen.push(response),
      failed: (error) => {
        throw error
      },
    })
    for (let i = 0; i < 5; i++) driver.offer(operator, { _tag: 'Count' })
    equal(driver.state().count, 5)
    deepEqual(seen, ['say 1', 'Count 1'])
    durable[0]?.()
    await new Promise(setImmediate)
    deepEqual(seen, ['say 1', 'Count 1', 'say 2', 'Count 2', 'say 3', 'Count 3'])
    durable[1]?.()
    await new Promise(setImmediate)
    deepEqual(seen.slice(6), ['say 4', 'Count 4', 'say 5', 'Count 5'])
  })

  it('carries out what an effect itself sets off after that effect\'s own step', () => {
    const seen: string[] = []
    const driver = drive(counter, { count: 0, deadline: none }, {
      clock: () => instant(0),
      interpret: {
        Persist: () => undefined,
        Say: ({ count }) => {
          if (count === 1) driver.offer(operator, { _tag: 'Count' })
          seen.push(`say ${count}`)
        },
      },
      respond: (_, response) => void seen.push(response),
      failed: () => undefined,
    })
    driver.offer(operator, { _tag: 'Count' })
    deepEqual(seen, ['say 1', 'Count 1', 'say 2', 'Count 2'])
  })

  it('reports a promise that was broken, and carries out nothing behind it', async () => {
    const failures: unknown[] = []
    const seen: string[] = []
    const driver = drive(counter, { count: 1, deadline: none }, {
      clock: () => instant(0),
      interpret: { Persist: () => Promise.reject(new Error('disk')), Say: ({ count }) => void seen.push(`say ${count}`) },
      respond: (_, response) => void seen.push(response),
      failed: (error) => void failures.push(error),
    })
    driver.offer(operator, { _tag: 'Count' })
    driver.offer(operator, { _tag: 'Count' })
    await new Promise(setImmediate)
    deepEqual([seen, failures.map(String)], [[], ['Error: disk']])
  })

  it('wakes the machine at the deadline of its state, and not after it was stopped', async () => {
    const woken = await new Promise<string>((answered) => {
      const driver = drive(counter, { count: 0, deadline: none }, {
        clock: () => instant(Math.floor(performance.now())),
        interpret: { Persist: () => undefined, Say: () => undefined },
        respond: (_, response) => answered(response),
        failed: () => undefined,
      })
      driver.offer(operator, { _tag: 'Later', at: instant(Math.floor(performance.now()) + 5) })
      const stopped = drive(counter, { count: 0, deadline: some(instant(0)) }, {
        clock: () => instant(0),
        interpret: { Persist: () => undefined, Say: () => answered('woken though it was stopped') },
        respond: () => undefined,
        failed: () => undefined,
      })
      stopped.stop()
    })
    equal(woken, 'Wake 1')
  })
})

/** Notes when it is woken; its deadline is whatever it was last told. */
const sleeper: Machine<Counting, Command, string, Effect> = {
  ...counter,
  reduce: (state, { command, at }) =>
    command._tag === 'Wake'
      ? { state: { count: at, deadline: none }, response: some('woken'), effects: [] }
      : { state: { ...state, deadline: command._tag === 'Later' ? some(command.at) : none }, response: none, effects: [] },
}

describe('a deadline', () => {
  const sleeping = (answered: () => void) =>
    drive(sleeper, { count: 0, deadline: none }, {
      clock: () => instant(Math.floor(performance.now())),
      interpret: { Persist: () => undefined, Say: () => undefined },
      respond: answered,
      failed: () => undefined,
    })

  it('that is put off wakes the machine once, and when it has come', async () => {
    const now = Math.floor(performance.now())
    const woken: string[] = []
    const driver = sleeping(() => void woken.push(driver.state().count >= now + 9 ? 'in time' : 'too early'))
    driver.offer(operator, { _tag: 'Later', at: instant(now + 2) })
    driver.offer(operator, { _tag: 'Later', at: instant(now + 9) })
    while (woken.length === 0) await new Promise(setImmediate)
    await new Promise<void>((resolve) => sleeping(resolve).offer(operator, { _tag: 'Later', at: instant(now + 12) }))
    deepEqual(woken, ['in time'])
  })

  it('that is set earlier wakes the machine before another one whose deadline is between the two', async () => {
    const now = Math.floor(performance.now())
    const woken: string[] = []
    await new Promise<void>((resolve) => {
      const [moved, other] = ['moved', 'other'].map((name) => sleeping(() => woken.push(name) === 2 && resolve()))
      moved?.offer(operator, { _tag: 'Later', at: instant(now + 40) })
      other?.offer(operator, { _tag: 'Later', at: instant(now + 20) })
      moved?.offer(operator, { _tag: 'Later', at: instant(now + 5) })
    })
    deepEqual(woken, ['moved', 'other'])
  })

  it('that is over before it has come wakes nobody', async () => {
    const woken: string[] = []
    const now = Math.floor(performance.now())
    const driver = sleeping(() => void woken.push('over'))
    driver.offer(operator, { _tag: 'Later', at: instant(now + 2) })
    driver.offer(operator, { _tag: 'Count' })
    await new Promise<void>((resolve) => {
      const other = sleeping(resolve)
      other.offer(operator, { _tag: 'Later', at: instant(now + 9) })
    })
    deepEqual(woken, [])
  })
})

describe('the folder of saved files', () => {
  const name = (text: string): FileName => text as FileName
  let path = ''
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'peal-saves-'))
  })
  afterEach(async () => {
    await rm(path, { recursive: true })
  })

  it('replaces a file whole, keeps the order of writes, and leaves nothing beside it', async () => {
    const saves = folder(path)
    const outcomes = await Promise.all(Array.from({ length: 16 }, (_, i) => saves.write(name('a.txt'), `version ${i}`)()))
    ok(outcomes.every(isRight))
    equal(await readFile(join(path, 'a.txt'), 'utf8'), 'version 15')
    deepEqual(await readdir(path), ['a.txt'])
  })

  it('refuses a crowd of writes instead of keeping them all in memory', async () => {
    const saves = folder(path)
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => saves.write(name('a.txt'), 'x')()))
    deepEqual([outcomes.filter(isRight).length, outcomes.filter(isLeft).length], [16, 84])
    ok(isRight(await saves.write(name('b.txt'), 'y')()))
  })

  it('says why a file could not be written, and leaves the old one and no other', async () => {
    await writeFile(join(path, 'a.txt'), 'old')
    await mkdir(join(path, 'folder'))
    const saves = folder(path)
    const blocked = await saves.write(name('folder'), 'new')()
    ok(isLeft(blocked) && blocked.left.message.length > 0)
    const missing = await folder(join(path, 'missing')).write(name('a.txt'), 'new')()
    ok(isLeft(missing) && missing.left.message.includes('ENOENT'))
    deepEqual((await readdir(path)).sort(), ['a.txt', 'folder'])
    equal(await readFile(join(path, 'a.txt'), 'utf8'), 'old')
  })
})
