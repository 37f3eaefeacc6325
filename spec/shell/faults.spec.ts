// A disk that fails, at each call in turn: what was acknowledged is there afterwards, a full one is no end, and one whose word is worth nothing is.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isLeft, isRight, right, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../../shell/limits.js'
import { systemDisk, type Connection, type Disk } from '../../shell/stores/disk.js'
import { openScribe } from '../../shell/stores/scribe.js'
import { digestOf } from '../../shell/stores/snapshot.js'
import { noTally, tally, type Tally } from '../model/tally.js'
import { cabinet, counts, held, inFolder, opening, tallied } from '../stage/cabinet.js'
import { faulty, type Fault, type FaultyDisk } from '../stage/faulty.js'
import { inline } from '../stage/inline.js'
import type { Unwritten } from '../../shell/index.js'
import type { Writer } from '../../shell/stores/writer.js'

/** What became of a store on a faulty disk. */
interface Life {
  readonly acknowledged: Tally
  /** what was asked for last and not acknowledged, if anything */
  readonly asked: Tally
  readonly said: ReadonlyArray<'Full' | 'Broken' | 'unopened'>
  readonly isFinished: boolean
}

const batches = 5

/** Appends all, with a snapshot in between; what found no room is asked for again. */
const lived = async (folder: string, { disk }: FaultyDisk): Promise<Life> => {
  const said: Life['said'][number][] = []
  const opened = await opening(folder, { writer: inline(disk) })(noTally)()
  if (isLeft(opened)) return { acknowledged: noTally, asked: noTally, said: ['unopened'], isFinished: false }
  const { store } = opened.right
  let state = noTally
  for (let index = 0; index < batches; index += 1) {
    const records = counts(index, 40)
    const asked = tallied(records, state)
    for (let written = await store.append({ records, position: asked.position })(); isLeft(written); written = await store.append({ records, position: asked.position })()) {
      said.push(written.left._tag)
      if (written.left._tag === 'Broken' || said.length > 50) {
        ok(isLeft(await store.append({ records, position: asked.position })()), 'nothing is written any more')
        await store.close()
        return { acknowledged: state, asked, said, isFinished: false }
      }
    }
    state = asked
    if (index === 2) await store.snapshot(state)()
  }
  await store.close()
  return { acknowledged: state, asked: state, said, isFinished: true }
}

const digest = (state: Tally): string => digestOf(tally, state)

/** Lets each call fail in turn, and looks what is there; says how the lives went. */
const each = async (fault: (call: number) => Omit<Fault, 'first'>): Promise<ReadonlyArray<Life>> => {
  const lives: Life[] = []
  const whole = faulty({ first: Infinity, ...fault(0) })
  await inFolder((home) => lived(join(home, 'data'), whole))
  for (let call = 1; call <= whole.calls(); call += 1)
    await inFolder(async (home) => {
      const folder = join(home, 'data')
      const disk = faulty({ first: call, ...fault(call) })
      const life = await lived(folder, disk)
      const after = await cabinet(opening(folder))
      ok([digest(life.acknowledged), digest(life.asked)].includes(digest(after.state())), `call ${call}: ${after.state().position}, acknowledged ${life.acknowledged.position}`)
      held(await after.put(counts(99, 3)))
      await after.store.close()
      lives.push(life)
    })
  ok(lives.length > 40, `${lives.length} calls`)
  return lives
}

const count = (lives: ReadonlyArray<Life>, said: Life['said'][number]): number => lives.filter((life) => life.said.includes(said)).length

describe('a disk that fails', () => {
  it('because it is full loses nothing, and goes on when there is room again', async () => {
    for (const length of [0, 6]) {
      const lives = await each((call) => ({ last: call + length, system: 'ENOSPC', sqlite: 'SQLITE_FULL', isDone: false }))
      deepEqual(lives.filter(({ isFinished, said }) => !isFinished && !said.includes('unopened')).map(({ said }) => said), [])
      deepEqual([count(lives, 'Broken'), count(lives, 'Full') >= batches, count(lives, 'unopened') > 5], [0, true, true])
    }
  })

  it('because it is full when the index of its log has to grow loses nothing either', async () => {
    const lives = await each((call) => ({ last: call, system: 'ENOSPC', sqlite: 'SQLITE_IOERR_SHMSIZE', isDone: false }))
    deepEqual([count(lives, 'Broken'), count(lives, 'Full') >= batches], [0, true])
  })

  it('because it is full, and said so when all was written, has written it', async () => {
    const lives = await each((call) => ({ last: call, system: 'ENOSPC', sqlite: 'SQLITE_FULL', isDone: true }))
    equal(count(lives, 'Broken'), 0)
  })

  it('because it is full, and names it badly, is known by the room that there is', async () => {
    const lives = await each((call) => ({ last: call, system: 'ENOSPC', sqlite: 'SQLITE_ERROR', isDone: false, free: 0 }))
    ok(count(lives, 'Full') >= batches)
  })

  it('at a write or a sync ends the store, whether or not it was done, and a restart finds what was acknowledged', async () => {
    for (const [isDone, sqlite] of [[false, 'SQLITE_IOERR_FSYNC'], [true, 'SQLITE_IOERR_FSYNC'], [true, 'SQLITE_ERROR']] as const) {
      const lives = await each((call) => ({ last: call, system: 'EIO', sqlite, isDone }))
      deepEqual([count(lives, 'Full'), count(lives, 'Broken') > 10], [0, true])
    }
  })

  it('to say whether the batch is there ends the store too', () =>
    inFolder(async (folder) => {
      let isFailing = false
      const fail = (code: string): never => {
        throw Object.assign(new Error('failed'), { code })
      }
      const connect = (path: string): Connection => {
        const connection = systemDisk.connect(path)
        return {
          ...connection,
          rows: (sql, ...parameters) => (isFailing ? fail('SQLITE_IOERR_READ') : connection.rows(sql, ...parameters)),
          prepare: (sql) => (isFailing ? () => undefined : ((insert) => (...all) => (isFailing ? fail('SQLITE_FULL') : insert(...all)))(connection.prepare(sql))),
        }
      }
      const { store } = await cabinet(opening(folder, { writer: inline({ ...systemDisk, connect }) }))
      isFailing = true
      const written = await store.append({ records: counts(1, 1), position: 1 })()
      equal(isLeft(written) && written.left._tag, 'Broken')
      await store.close()
    }))

  it('to carry the log over is full when the log is as long as it may be, and goes on behind that', () =>
    inFolder(async (folder) => {
      let isFailing = true
      const connect = (path: string): Connection => {
        const connection = systemDisk.connect(path)
        const rows: Connection['rows'] = (sql, ...parameters) => {
          if (isFailing && sql.includes('wal_checkpoint')) throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' })
          return connection.rows(sql, ...parameters)
        }
        return { ...connection, rows }
      }
      const { store, put } = await cabinet(opening(folder, { writer: inline({ ...systemDisk, connect }) }))
      const large = [{ name: 'x'.repeat(1_000_000), add: 1 }]
      let written = await put(large)
      let megabytes = 0
      for (; !isLeft(written) && megabytes < 40; written = await put(large)) megabytes += 1
      equal(isLeft(written) && written.left._tag, 'Full')
      ok(megabytes * 1_000_000 <= limits.journalLogBytes + 1_000_000)
      isFailing = false
      held(await put(large))
      await store.close()
      equal((await cabinet(opening(folder))).state().position, megabytes + 1)
    }))

  it('when another file is begun ends the store too', () =>
    inFolder(async (home) => {
      let isFailing = false
      const fsyncSync = (file: number): void => {
        if (isFailing) throw Object.assign(new Error('a sync failed'), { code: 'EIO' })
        systemDisk.fsyncSync(file)
      }
      const { store, put, state } = await cabinet(opening(join(home, 'data'), { writer: inline({ ...systemDisk, fsyncSync }) }))
      held(await put(counts(1, 10)))
      isFailing = true
      await store.snapshot(state())()
      isFailing = false
      const after = await put(counts(2, 10))
      equal(isLeft(after) && after.left._tag, 'Broken')
      await store.close()
    }))
})

describe('a journal that cannot be begun', () => {
  it('leaves nothing open, whatever failed', async () => {
    /** Begins one on a disk whose nth call fails; how many connections and files are open then, and how many there were. */
    const left = (first: number): Promise<readonly [isBegun: boolean, open: number, opened: number, calls: number]> =>
      inFolder((folder) => {
        const { disk, calls } = faulty({ first, last: first, system: 'EIO', sqlite: 'SQLITE_IOERR', isDone: false })
        let [open, opened] = [0, 0]
        const begun = <A>(handle: A): A => {
          open += 1
          opened += 1
          return handle
        }
        const counting: Disk = {
          ...disk,
          connect: (path) => {
            const { close, ...connection } = begun(disk.connect(path))
            return { ...connection, close: () => {
              open -= 1
              close()
            } }
          },
          openSync: (...all: Parameters<Disk['openSync']>) => begun(disk.openSync(...all)),
          closeSync: (file) => {
            open -= 1
            disk.closeSync(file)
          },
        }
        const scribe = openScribe(counting, { folder, position: 0, sum: '0'.repeat(64), form: 1, rules: 1 })
        const now = open
        if (isRight(scribe)) scribe.right.close()
        return Promise.resolve([isRight(scribe), isRight(scribe) ? open : now, opened, calls()] as const)
      })
    const [isWhole, open, opened, calls] = await left(Infinity)
    deepEqual([isWhole, open, opened > 5, calls > 15], [true, 0, true, true])
    for (let call = 1; call <= calls; call += 1) deepEqual((await left(call)).slice(1, 2), [0], `call ${call}`)
  })
})

describe('a store that lives long', () => {
  it('keeps nothing of what it has answered', () =>
    inFolder(async (home) => {
      setFlagsFromString('--expose-gc')
      const collect = runInNewContext('gc') as () => void
      const done = (): Promise<Either<Unwritten, never>> => Promise.resolve(right(undefined as never))
      const writer: Writer = { append: done, sumAt: done, turn: done, close: done }
      const { store } = held(await opening(join(home, 'data'), { writer: () => Promise.resolve(right(writer)) })(noTally)())
      const records = counts(1, 1)
      const heap = async (batches: number): Promise<number> => {
        for (let i = 0; i < batches; i += 1) await store.append({ records, position: 1 })()
        await setImmediate()
        collect()
        return process.memoryUsage().heapUsed
      }
      const before = await heap(1000)
      ok((await heap(100_000)) - before < 2 * 2 ** 20)
    }))
})
