// How far the journal got, said beside it: SQLite takes a log whose end is damaged for one that ends there, and whoever knows only the log cannot tell.
// Three slots, each in a sector of its own, each with a check of its own:
//
//   0, 1   in turn, behind every commit and before it is acknowledged; not synced: the end of the process takes nothing, that of the machine the latest
//   2      synced, and only while another one is; so one of the three is right at any time
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isSum, type Sum } from './chain.js'
import { newWitnessName, witnessName } from './contents.js'
import { limits } from '../limits.js'
import type { Disk } from './disk.js'

/** That the journal reached this. */
export interface Testimony {
  readonly position: number
  readonly sum: Sum
}

const slots = 3
const synced = 2

const written = ({ position, sum }: Testimony): Buffer => {
  const said = `${position} ${sum}`
  return Buffer.from(`${said} ${createHash('sha256').update(said).digest('hex')}\n`.padEnd(limits.witnessSlotBytes, '.'), 'latin1')
}

const testimony = (slot: Buffer): Testimony | undefined => {
  const [position = '', sum = ''] = slot.toString('latin1').split(' ', 2)
  if (!/^\d{1,16}$/.test(position) || !isSum(sum)) return undefined
  const found = { position: Number(position), sum }
  return written(found).equals(slot) ? found : undefined
}

const slotsOf = (bytes: Buffer): ReadonlyArray<Testimony | undefined> =>
  Array.from({ length: slots }, (_, slot) => testimony(bytes.subarray(slot * limits.witnessSlotBytes, (slot + 1) * limits.witnessSlotBytes)))

/** The latest testimony in the bytes of a witness; `undefined` where none is right. */
export const testimonyOf = (bytes: Buffer): Testimony | undefined =>
  slotsOf(bytes).reduce((latest, found) => (found !== undefined && (latest === undefined || found.position > latest.position) ? found : latest), undefined)

export interface Witness {
  /** Says so at once; no sync. */
  readonly note: (said: Testimony) => void
  /** Says so, synced. */
  readonly swear: (said: Testimony) => void
  readonly close: () => void
}

/** Makes the witness of a folder anew, in the place of one that is there, and syncs it. Throws what the system says, and keeps nothing open then; what
 *  the witness does throws it too. */
export const openWitness = (disk: Disk, folder: string, said: Testimony): Witness => {
  const beside = join(folder, newWitnessName)
  disk.rmSync(beside, { force: true })
  const file = disk.openSync(beside, 'wx', 0o600)
  const write = (slot: number, content: Testimony): void => {
    const bytes = written(content)
    if (disk.writeSync(file, bytes, 0, bytes.length, slot * bytes.length) < bytes.length) throw Object.assign(new Error('there was no room for the witness'), { code: 'ENOSPC' })
  }
  try {
    for (let slot = 0; slot < slots; slot += 1) write(slot, said)
    disk.fsyncSync(file)
    disk.renameSync(beside, join(folder, witnessName))
  } catch (error) {
    disk.closeSync(file)
    throw error
  }
  let turn = 0
  const note = (content: Testimony): void => {
    write(turn, content)
    turn = 1 - turn
  }
  return {
    note,
    swear: (content) => {
      note(content)
      disk.fsyncSync(file)
      write(synced, content)
      disk.fsyncSync(file)
    },
    close: () => disk.closeSync(file),
  }
}
