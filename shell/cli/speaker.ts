// Who is talked with: a classic peer or a sealed one, each by its own table of commands.
import * as either from 'fp-ts/lib/Either.js'
import { commands, type Meaning } from './commands.js'
import { understand, understandArguments, type Misunderstood, type Understood } from './line.js'
import { localTime } from './moments.js'
import { orders, type Meant } from './orders.js'
import { who } from './sentences.js'
import { visible } from './visible.js'
import type { delivery, inbox, ListName, peer } from '../../core/index.js'
import type { JsonEvent } from './jsonline.js'
import type { RunningMember } from '../member.js'
import type { RunningPeer } from '../peer.js'
import type { Row } from './rows.js'
import type { Line } from './terminal.js'
import type { Desk } from './waiting.js'

/** What a line means here: to be asked; `wantsText` where the line after it is its text, and `dialogue` where that is asked for before anything else
 *  is done. */
export interface Intent {
  readonly ask: () => void
  readonly wantsText: boolean
  readonly dialogue?: peer.NoticeOf<'TextWanted'>
  /** what is asked for may have to wait at the server, and is waited for */
  readonly isAwaited?: boolean
}

/** What is answered here, and goes to nobody. */
export interface Told {
  readonly _tag: 'Told'
  readonly event: JsonEvent
  readonly text: string
}

/** What was refused is to be told; `ask`: what the server says of that list now. */
export interface Explain {
  readonly _tag: 'Explain'
  readonly ask: (list: ListName | null) => void
}

export type Said = Understood<Intent> | Told | Explain

export interface Speaker {
  /** takes a command before it has said that it is ready */
  readonly isReady: boolean
  readonly understand: (line: Line) => either.Either<Misunderstood, Said>
  readonly say: (text: string) => void
  readonly mistype: (sentence: string) => void
  readonly drop: () => void
  readonly close: (patient: boolean) => void
  readonly desk: Desk
}

/** On the classic wire nothing waits. */
const noDesk: Desk = { ask: () => undefined, withdraw: () => undefined }

const parsed = <A>(rows: ReadonlyArray<Row<A>>, line: Line): either.Either<Misunderstood, Understood<A>> =>
  typeof line === 'string' ? understand(rows, line) : understandArguments(rows, line)

export const classicSpeaker = (running: RunningPeer): Speaker => ({
  ...running,
  isReady: true,
  desk: noDesk,
  understand: (line) =>
    either.map((said: Understood<Meaning>): Said => {
      if (said._tag !== 'Meant') return said
      const { wish, text } = said.meaning
      return { _tag: 'Meant', meaning: { ask: () => running.ask(wish, text), wantsText: wish._tag === 'ImStart' && text === undefined } }
    })(parsed(commands, line)),
})

/** A message of the sealed wire ends by itself. */
const completes = /^\s*im-complete\b/

const byItself: Misunderstood = { _tag: 'Misunderstood', sentence: 'a message on the sealed wire completes by itself' }

const howItCame = ({ caughtUp, again }: inbox.Line): string => (caughtUp === true ? ' (caught up)' : again === true ? ' (sent again)' : '')

const told = (lines: ReadonlyArray<inbox.Line>): Told => ({
  _tag: 'Told',
  event: { _tag: 'History', lines },
  text: lines.length === 0 ? 'nothing was sent or taken yet' : lines.map((line) => `${localTime(line.at)}  [${visible(line.list)}] ${line.no} ${who(line.from)}${howItCame(line)}: ${visible(line.text)}`).join('\n'),
})

/** How the messages of a sealed peer are sent. */
export interface Style {
  /** for how many times the usual they may lock a list */
  readonly patience: delivery.Patience
  /** whether each may go to classic members, also where its own line does not say so */
  readonly allowClassic: boolean
}

/** A message whose text is typed next. */
interface Addressed {
  readonly list: ListName
  readonly inClear: boolean
}

/** A sealed peer. */
export const sealedSpeaker = (member: RunningMember, { patience, allowClassic }: Style): Speaker => {
  let addressed: Addressed | undefined
  const send = ({ list, inClear }: Addressed, text: string): void => member.send(list, text, patience, inClear || allowClassic)
  const plainly = (ask: () => void): Intent => ({ ask, wantsText: false })
  const sending = (to: Addressed, text: string | undefined): Intent =>
    text === undefined
      ? { ask: () => void (addressed = to), wantsText: true, dialogue: { _tag: 'TextWanted', list: to.list, initiator: member.registered() ?? '' } }
      : plainly(() => send(to, text))
  const intended = (meant: Exclude<Meant, { readonly _tag: 'History' | 'Explain' }>): Intent => {
    switch (meant._tag) {
      case 'Order': return plainly(() => member.ask(meant.order))
      case 'Register': return plainly(() => member.ask(meant))
      case 'Accept': return plainly(() => member.accept(meant.contact))
      case 'Send': return sending(meant, meant.text)
      case 'Resend': return plainly(() => member.resend(meant.im, patience, meant.inClear || allowClassic))
      case 'Enqueue': return { ...plainly(() => member.ask({ _tag: 'Enqueue', change: meant.change })), isAwaited: meant.isAwaited }
      case 'Mute': return plainly(() => member.mute(meant.list, meant.muted))
      case 'CatchUp': return plainly(() => member.catchUp(meant.list, meant.on))
    }
  }
  const answered = (said: Understood<Meant>): Said => {
    if (said._tag !== 'Meant') return said
    const { meaning } = said
    if (meaning._tag === 'Explain') return { _tag: 'Explain', ask: (list) => member.ask({ _tag: 'Locks', list, contact: null }) }
    if (meaning._tag !== 'History') return { _tag: 'Meant', meaning: intended(meaning) }
    return told(member.history().filter(({ list }) => meaning.list === undefined || list === meaning.list))
  }
  return {
    isReady: false,
    desk: { ask: (ticket) => member.ask({ _tag: 'Ticket', ticket }), withdraw: (ticket) => member.ask({ _tag: 'Withdraw', ticket }) },
    understand: (line) =>
      completes.test(typeof line === 'string' ? line : (line[0] ?? ''))
        ? either.left(byItself)
        : either.map(answered)(parsed(orders(member.registered()), line)),
    say: (text) => {
      const to = addressed
      addressed = undefined
      if (to === undefined) member.mistype('no text is wanted')
      else send(to, text)
    },
    mistype: member.mistype,
    drop: () => {
      addressed = undefined
      member.mistype('no text was typed, and nothing was sent')
    },
    close: member.close,
  }
}
