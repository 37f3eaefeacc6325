// One line that moves while an own message is under way: `going round 4 members ... 1.2 s`.
import { limits } from '../limits.js'
import { plural } from './sentences.js'
import type { peer } from '../../core/index.js'

export interface Progress {
  /** whatever the peer says: what of it begins, changes or ends the line is known here */
  readonly notice: (notice: peer.Notice) => void
}

/** Draws it with `draw`, several times a second, from the start of a message to its report. */
export const watchProgress = (draw: (line: string) => void): Progress => {
  let timer: NodeJS.Timeout | undefined
  let what = ''
  let began = 0
  const look = (): void => draw(`${what} ... ${((performance.now() - began) / 1000).toFixed(1)} s`)
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  return {
    notice: (notice) => {
      if (notice._tag === 'Begun') {
        stop()
        what = `going round ${plural(notice.members, 'member')}`
        began = performance.now()
        timer = setInterval(look, limits.progressMs).unref()
        look()
      }
      if (notice._tag === 'RoundHome' && timer !== undefined) what = `home with ${notice.receipts} of ${plural(notice.path, 'receipt')}, asking the others`
      if ((notice._tag === 'Reported' && !notice.again) || notice._tag === 'NotBegun') stop()
    },
  }
}
