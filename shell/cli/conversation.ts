// Between a terminal and a peer: a line is given to the peer when the peer wants one, as a command or as a text, and what the peer says is
// printed, as sentences or as JSON.
import { isLeft } from 'fp-ts/lib/Either.js'
import { jsonLine, type JsonEvent } from './jsonline.js'
import { understand, type Understood } from './line.js'
import { sentenceFor } from './sentences.js'
import type { peer } from '../../core/index.js'
import type { RunningPeer } from '../peer.js'
import type { Listener, Terminal } from './terminal.js'

/** lines read ahead of the peer; then reading pauses */
const linesAhead = 100

export interface Conversation extends Listener {
  readonly notice: (notice: peer.Notice) => void
  readonly tell: (event: JsonEvent, sentence: string, isTalk?: boolean) => void
  /** the two sides, once they are there */
  readonly begin: (peer: RunningPeer, terminal: Terminal) => void
}

/** Names that a notice brings along, for completion. */
export interface Names {
  readonly lists: Set<string>
  readonly contacts: Set<string>
}

const namesKept = 4096

const learn = (names: Set<string>, met: ReadonlyArray<string | undefined>): void => {
  for (const name of met) if (name !== undefined && names.size < namesKept) names.add(name)
}

const learnFrom = ({ lists, contacts }: Names, notice: peer.Notice): void => {
  switch (notice._tag) {
    case 'Answered': {
      const [first, second] = notice.about.args
      const isDone = notice.code === 200
      learn(lists, [...(notice.lists ?? []), ...(isDone && second !== undefined && notice.about.word !== 'register' ? [first] : [])])
      learn(lists, isDone && notice.about.word === 'create' ? [first] : [])
      learn(contacts, [...(notice.members ?? []).map(({ name }) => name), isDone && notice.about.word === 'register' ? first : undefined])
      return
    }
    case 'Sent': return learn(contacts, notice.members)
    case 'Shown': {
      learn(lists, [notice.list])
      return learn(contacts, [notice.from])
    }
    default: return
  }
}

export interface Manner {
  readonly json: boolean
  /** at the end of input the peer goes on relaying */
  readonly stay: boolean
  readonly now: () => number
}

/** One conversation, from the first line to the last. */
export const converse = (manner: Manner, names: Names): Conversation => {
  const lines: string[] = []
  let sides: { readonly peer: RunningPeer; readonly terminal: Terminal } | undefined
  let wanted: 'command' | 'text' | undefined
  let isEnd = false

  const tell = (event: JsonEvent, sentence: string, isTalk = false): void =>
    sides?.terminal.print(manner.json ? jsonLine(manner.now(), event) : sentence, isTalk && !manner.json)

  const wantMore = (): void => {
    wanted = 'command'
    sides?.terminal.want({ _tag: 'Command' })
  }

  const meant = (understood: Understood): void => {
    switch (understood._tag) {
      case 'Empty': return wantMore()
      case 'Help':
        tell({ _tag: 'Help', text: understood.text }, understood.text)
        return wantMore()
      case 'Meant': return sides?.peer.ask(understood.wish, understood.text)
    }
  }

  /** What is wanted next, the peer says: perhaps only after this call. */
  const give = (line: string): void => {
    const isText = wanted === 'text'
    wanted = undefined
    if (isText) return sides?.peer.say(line)
    const understood = understand(line)
    return isLeft(understood) ? sides?.peer.mistype(understood.left.sentence) : meant(understood.right)
  }

  const feed = (): void => {
    while (wanted !== undefined && lines.length > 0) give(lines.shift() ?? '')
    if (lines.length < linesAhead) sides?.terminal.resume()
    if (isEnd && lines.length === 0 && wanted !== undefined && !manner.stay) sides?.peer.close(true)
  }

  const want = (kind: 'command' | 'text', list: string): void => {
    wanted = kind
    sides?.terminal.want(kind === 'text' ? { _tag: 'Text', list } : { _tag: 'Command' })
    feed()
  }

  return {
    tell,
    notice: (notice) => {
      learnFrom(names, notice)
      const sentence = sentenceFor(notice)
      if (manner.json || sentence !== undefined) tell(notice, sentence?.text ?? '', sentence?.isTalk ?? true)
      if (notice._tag === 'Ready') want('command', '')
      if (notice._tag === 'TextWanted') want('text', notice.list)
    },
    begin: (peer, terminal) => {
      sides = { peer, terminal }
      want('command', '')
    },
    line: (line) => {
      lines.push(line)
      if (lines.length >= linesAhead) sides?.terminal.pause()
      feed()
    },
    end: () => {
      isEnd = true
      if (manner.stay) return
      if (sides?.terminal.isInteractive === true) return sides.peer.close(false)
      feed()
    },
    interrupt: () => (wanted === 'text' ? sides?.peer.drop() : sides?.peer.close(false)),
  }
}
