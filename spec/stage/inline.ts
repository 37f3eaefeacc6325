// A journal's writer without a thread, on a disk of the test's choosing.
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { systemDisk, type Disk } from '../../shell/stores/disk.js'
import { openScribe } from '../../shell/stores/scribe.js'
import type { OpenWriter } from '../../shell/stores/writer.js'

/** Does what the thread would do, at once. */
export const inline = (disk: Disk = systemDisk): OpenWriter => (begin) => {
  const opened = openScribe(disk, begin)
  if (isLeft(opened)) return Promise.resolve(opened)
  const scribe = opened.right
  const tended = <A>(answer: A): Promise<A> => {
    scribe.tend()
    return Promise.resolve(answer)
  }
  return Promise.resolve(
    right({
      append: (position, text) => tended(scribe.append(position, text)),
      sumAt: (position) => tended(scribe.sumAt(position)),
      turn: () => tended(scribe.turn()),
      close: () => Promise.resolve(scribe.close()),
    }),
  )
}
