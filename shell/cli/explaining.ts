// `explain`: what the server has refused last, and what was in its way then. The peer asks that by itself behind a refusal; here both are kept, for one
// refusal and no longer than the program runs.
import { classic, ListName, type peer } from '../../core/index.js'
import { chainLines } from './chain.js'
import { localTime } from './moments.js'
import { command, onScreen, status } from './sentences.js'
import type { JsonEvent } from './jsonline.js'

type Explained = Extract<JsonEvent, { readonly _tag: 'Explained' }>

export interface Explanation {
  readonly event: JsonEvent
  readonly text: string
  /** of what the server can tell what is in its way now: a list, or (null) all of this contact's; undefined: nothing is */
  readonly list: ListName | null | undefined
}

export interface Explaining {
  /** `at`: Unix milliseconds */
  readonly hear: (notice: peer.Notice, at: number) => void
  readonly explain: () => Explanation
}

/** Messages are in the way, or changes that wait for them. */
const isOfLocks = (code: number): boolean => [classic.codes.Ongoing, classic.codes.Fenced, classic.codes.QueueFull].some((one) => one.code === code)

const refusedBy = (notice: peer.Notice, at: number): Explained['refused'] => {
  if (notice._tag === 'Answered' || notice._tag === 'AnsweredLate' || notice._tag === 'Served') {
    const { about, code, name, sentence } = notice
    return code === classic.codes.Done.code ? undefined : { at, about, code, name, sentence }
  }
  if (notice._tag !== 'NotBegun' || notice.code === 0) return undefined
  const { list, code, name, sentence, again } = notice
  return { at, about: again === undefined ? { word: 'send', args: [list] } : { word: 'resend', args: [again] }, code, name, sentence }
}

/** The list that an order is about; a message that is sent again is known by its own name. */
const listOf = ({ word, args }: peer.About): ListName | null => {
  const [verb, list] = word === 'enqueue' ? args : [word, ...args]
  return verb !== 'exit' && verb !== 'resend' && ListName.is(list) ? list : null
}

const textOf = ({ refused, behind }: Explained): string => {
  if (refused === undefined) return 'nothing was refused yet'
  const first = `${command(refused.about)} was refused at ${localTime(refused.at)}: ${status(refused.code, refused.sentence)}`
  return [first, ...(behind === undefined ? [] : chainLines(onScreen, behind)).map((line) => `  ${line}`), ...(isOfLocks(refused.code) ? ['now:'] : [])].join('\n')
}

export const openExplaining = (): Explaining => {
  let last: Explained = { _tag: 'Explained' }
  /** whether the peer has still to be told what was in the way */
  let isBehind = false
  return {
    hear: (notice, at) => {
      const refused = refusedBy(notice, at)
      if (refused !== undefined) last = { _tag: 'Explained', refused }
      if (notice._tag === 'Locks' && isBehind) {
        const { locks, tickets, expired, behind, now } = notice
        last = { ...last, behind: { locks, tickets, expired, ...(behind === undefined ? {} : { behind }), ...(now === undefined ? {} : { now }) } }
      }
      if (notice._tag === 'Locks' || notice._tag === 'Ready') isBehind = false
      if (refused !== undefined) isBehind = true
    },
    explain: () => {
      const { refused } = last
      return { event: last, text: textOf(last), list: refused !== undefined && isOfLocks(refused.code) ? listOf(refused.about) : undefined }
    },
  }
}
