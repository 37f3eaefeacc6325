// What a record did to changes of members that wait: those whose turn came, whatever the record was about, and the lists that stopped or went on for them.
import { classic, peer, roll, type server } from '../../core/index.js'
import { named } from './layout.js'
import { status } from './sentences.js'
import type { JournalLine } from './pastline.js'

type CodeName = keyof typeof classic.codes
type Ticket = server.State['queue']['tickets'][number]
type Waited = Pick<JournalLine, 'served' | 'fenced' | 'opened'>

/** What came of a ticket; `undefined`: it was taken back. Whoever has exited by it is remembered no more, and has exited. */
const cameOf = ({ state }: server.Directory, { by, number, change }: Ticket): CodeName | undefined => {
  const contact = roll.get(state.contacts, by)
  if (contact === undefined) return change._tag === 'Exit' ? 'Done' : undefined
  return contact.bound?.past.served.find(({ ticket }) => ticket === number)?.code
}

const fencesIn = ({ state }: server.Directory): ReadonlySet<string> => new Set(roll.values(state.lists).flatMap(({ name, fence }) => (fence === undefined ? [] : [name])))

/** Of the directories before and behind a record. */
export const waitedIn = (before: server.Directory, after: server.Directory): Waited => {
  if (before.state.queue === after.state.queue) return {}
  const still = new Set(after.state.queue.tickets.map(({ number }) => number))
  const served = before.state.queue.tickets.flatMap((ticket) => {
    const name = still.has(ticket.number) ? undefined : cameOf(after, ticket)
    return name === undefined ? [] : [{ ticket: ticket.number, by: ticket.by, about: peer.sealed.aboutOf(ticket.change), name, ...classic.codes[name] }]
  })
  const [were, are] = [fencesIn(before), fencesIn(after)]
  const [fenced, opened] = [[...are].filter((list) => !were.has(list)), [...were].filter((list) => !are.has(list))]
  return { ...(served.length > 0 ? { served } : {}), ...(fenced.length > 0 ? { fenced } : {}), ...(opened.length > 0 ? { opened } : {}) }
}

/** In words; nothing where nothing waited. */
export const waitedText = ({ served = [], fenced = [], opened = [] }: Waited): ReadonlyArray<string> => [
  ...served.map(({ ticket, by, about, code, sentence }) => `ticket ${ticket} of ${named(by)}, ${[about.word, ...about.args.map(named)].join(' ')}: ${status(code, sentence)}`),
  ...fenced.map((list) => `${named(list)} starts no message until a change that waits is done`),
  ...opened.map((list) => `${named(list)} starts messages again`),
]
