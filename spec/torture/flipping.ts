// Flips bits in folders as killed processes leave them, and looks: what is opened is exactly what was acknowledged, and everything else is refused, with a
// sentence, and left as it is.
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { copyFile, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { systemDisk } from '../../shell/stores/disk.js'
import { look } from '../../shell/stores/look.js'
import { digestOf } from '../../shell/stores/snapshot.js'
import { tally } from '../model/tally.js'
import { cabinet, copied, counts, held, opening, type Cabinet } from '../stage/cabinet.js'
import type { RandomGenerator } from '../shell/random.js'

/** A folder that was left, with all that had been acknowledged. */
interface Shape {
  readonly name: string
  readonly folder: string
  readonly position: number
  readonly digest: string
}

const putAll = async ({ put }: Cabinet, from: number, to: number): Promise<void> => {
  for (let index = from; index < to; index += 1) held(await put(counts(index, index % 4 === 0 ? 200 : 1 + (index % 7))))
}

const carryOver = (folder: string, journal: string): void => {
  const connection = systemDisk.connect(join(folder, journal))
  connection.rows('pragma wal_checkpoint(passive)')
  connection.close()
}

type Life = (folder: string) => Promise<Cabinet>

const opened: Life = (folder) => cabinet(opening(folder))

/** What becomes of a store until it is killed. */
const lives: Readonly<Record<string, Life>> = {
  'just begun': opened,
  'a log': async (folder) => {
    const now = await opened(folder)
    await putAll(now, 0, 12)
    return now
  },
  'a file and its log': async (folder) => {
    const now = await opened(folder)
    await putAll(now, 0, 10)
    carryOver(folder, 'journal-0.db')
    await putAll(now, 10, 15)
    return now
  },
  'snapshots, restarts and a log': async (folder) => {
    const first = await opened(folder)
    await putAll(first, 0, 8)
    held(await first.store.snapshot(first.state())())
    await putAll(first, 8, 12)
    await first.store.close()
    const second = await opened(folder)
    await putAll(second, 12, 15)
    held(await second.store.snapshot(second.state())())
    await putAll(second, 15, 18)
    await second.store.close()
    const third = await opened(folder)
    await putAll(third, 18, 22)
    return third
  },
}

/** The last batch of a life, torn: its frames are there but for the end of the last, and nobody was told of it. */
const torn = async (home: string): Promise<Shape> => {
  const live = join(home, 'torn, live')
  const now = await opened(live)
  await putAll(now, 0, 6)
  const { position } = now.state()
  const digest = digestOf(tally, now.state())
  const folder = await copied(live, join(home, 'torn'))
  await putAll(now, 8, 9)
  const log = 'journal-0.db-wal'
  await copyFile(join(live, log), join(folder, log))
  await truncate(join(folder, log), (await stat(join(live, log))).size - 1500)
  await now.store.close()
  return { name: 'a torn log', folder, position, digest }
}

/** All shapes, in folders of their own in `home`. */
export const shapes = async (home: string): Promise<ReadonlyArray<Shape>> => {
  const all: Shape[] = []
  for (const [name, life] of Object.entries(lives)) {
    const live = join(home, `${name}, live`)
    const now = await life(live)
    const folder = await copied(live, join(home, name))
    all.push({ name, folder, position: now.state().position, digest: digestOf(tally, now.state()) })
    await now.store.close()
  }
  return [...all, await torn(home)]
}

interface File {
  readonly name: string
  readonly bytes: Buffer
}

const filesOf = (folder: string): ReadonlyArray<File> =>
  readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))

const faults = ['a bit', 'a bit', 'a bit', 'a bit', 'a bit', 'a bit', 'a bit', 'a byte', 'a byte', 'the end'] as const

interface Flip {
  readonly what: string
  readonly file: File
  readonly changed: Buffer
}

/** One fault, in any byte alike, or in any file alike, so that the small ones are met. */
const flipIn = (files: ReadonlyArray<File>, { below, pick }: RandomGenerator): Flip => {
  const filled = files.filter(({ bytes }) => bytes.length > 0)
  let place = below(filled.reduce((sum, { bytes }) => sum + bytes.length, 0))
  const byPlace = filled.find(({ bytes }) => (place -= bytes.length) < 0)
  const file = below(2) === 0 || byPlace === undefined ? pick(filled) : byPlace
  const at = below(file.bytes.length)
  const fault = pick(faults)
  const what = `${fault} of ${file.name} at ${at}`
  if (fault === 'the end') return { what, file, changed: file.bytes.subarray(0, at) }
  const changed = Buffer.from(file.bytes)
  changed.writeUInt8(changed.readUInt8(at) ^ (fault === 'a bit' ? 1 << below(8) : 1 + below(255)), at)
  return { what, file, changed }
}

interface Found {
  readonly isOpened: boolean
  readonly wrong: string | undefined
}

const lookedAt = ({ folder, position, digest }: Shape): Found => {
  try {
    const found = look(tally, folder, false)
    if (isLeft(found)) return { isOpened: false, wrong: found.left.sentence.length > 20 ? undefined : 'refused without a sentence' }
    if (found.right === undefined) return { isOpened: true, wrong: 'taken for a new one' }
    const isRight = found.right.position === position && digestOf(tally, found.right.state) === digest
    return { isOpened: true, wrong: isRight ? undefined : `opened at ${found.right.position} of ${position}` }
  } catch (error) {
    return { isOpened: false, wrong: `died: ${String(error)}` }
  }
}

/** What became of the flips in one shape. */
export interface Outcome {
  readonly opened: number
  readonly refused: number
  /** ms of the look that took longest */
  readonly longest: number
  /** what must not be, each with its place */
  readonly wrong: ReadonlyArray<string>
}

const none: Outcome = { opened: 0, refused: 0, longest: 0, wrong: [] }

const isAsLeft = (folder: string, files: ReadonlyArray<File>, { file, changed }: Flip): boolean => {
  const now = filesOf(folder)
  return now.length === files.length && now.every(({ name, bytes }, index) => name === files[index]?.name && bytes.equals(name === file.name ? changed : files[index].bytes))
}

/** In place: to empty a file first would take longer than to look. */
const overwrite = (path: string, bytes: Buffer, before: Buffer): void => {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, 0)
  if (bytes.length < before.length) ftruncateSync(file, bytes.length)
  closeSync(file)
}

/** Flips `count` times, each time one thing in one folder, which is whole again behind it. */
export const flips = (all: ReadonlyArray<Shape>, count: number, random: RandomGenerator): ReadonlyMap<string, Outcome> => {
  const outcomes = new Map<string, Outcome>()
  const whole = all.map((shape) => ({ shape, files: filesOf(shape.folder) }))
  for (let index = 0; index < count; index += 1) {
    const { shape, files } = random.pick(whole)
    const flip = flipIn(files, random)
    const path = join(shape.folder, flip.file.name)
    overwrite(path, flip.changed, flip.file.bytes)
    const began = performance.now()
    const { isOpened, wrong } = lookedAt(shape)
    const took = performance.now() - began
    const isTouched = index % 8 === 0 && !isAsLeft(shape.folder, files, flip)
    overwrite(path, flip.file.bytes, flip.changed)
    const so = outcomes.get(shape.name) ?? none
    const wrongs = [wrong, isTouched ? 'the folder was changed' : undefined].filter((one) => one !== undefined)
    outcomes.set(shape.name, {
      opened: so.opened + (isOpened ? 1 : 0),
      refused: so.refused + (isOpened ? 0 : 1),
      longest: Math.max(so.longest, took),
      wrong: [...so.wrong, ...wrongs.map((one) => `${shape.name}: ${flip.what}: ${one}`)],
    })
  }
  return outcomes
}
