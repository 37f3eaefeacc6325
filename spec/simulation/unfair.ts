// Deliberate bugs of the server (`bugs`): a younger change overtakes an older one, a fence stands on another list than the one that is waited for, a restart
// loses who waited, and a list counts grants instead of messages.
import { isRight, right } from 'fp-ts/lib/Either.js'
import * as option from 'fp-ts/lib/Option.js'
import { roll, trie, type ListName, type server } from '../../core/index.js'
import type { Machine } from '../../core/transition.js'
import { listName } from './names.js'

type ServerMachine = Machine<server.State, server.Command, server.Response, server.Effect>

const withList = (state: server.State, list: server.List): server.State => ({ ...state, lists: roll.set(state.lists, list.name, list) })

/** The oldest change is looked at when the others are done. */
export const overtaking = (machine: ServerMachine): ServerMachine => ({
  ...machine,
  reduce: (state, input) => {
    const { command } = input
    const [oldest, ...younger] = state.queue.tickets
    const isAsked = command._tag === 'Ask' && (command.order._tag === 'Ticket' || command.order._tag === 'Withdraw')
    if (oldest === undefined || younger.length === 0 || isAsked) return machine.reduce(state, input)
    const step = machine.reduce({ ...state, queue: { ...state.queue, tickets: younger } }, input)
    return { ...step, state: { ...step.state, queue: { ...step.state.queue, tickets: [oldest, ...step.state.queue.tickets] } } }
  },
})

const elsewhere = 'elsewhere' as ListName

/** Nobody sends anything to the list that is fenced. What the machine says of itself is not asked: whoever waits is to find it. */
export const misplacing = (machine: ServerMachine): ServerMachine => ({
  ...machine,
  violations: () => [],
  reduce: (state, input) => {
    const step = machine.reduce(state, input)
    const list = roll.get(step.state.lists, listName)
    if (list?.fence === undefined) return step
    const other: server.List = roll.get(step.state.lists, elsewhere) ?? { ...list, name: elsewhere, members: trie.empty, size: 0, ims: [], owner: undefined }
    return { ...step, state: withList(withList(step.state, { ...list, fence: undefined }), { ...other, fence: list.fence }) }
  },
})

/** Who waits is not in what a process begins with. */
export const forgetful = (machine: ServerMachine): ServerMachine => ({
  ...machine,
  reduce: (state, input) => {
    const { state: next, ...step } = machine.reduce(state, input)
    const list = roll.get(next.lists, listName)
    if (input.command._tag !== 'Start' || list === undefined) return { ...step, state: next }
    return { ...step, state: { ...withList(next, { ...list, fence: undefined }), queue: { ...next.queue, tickets: [], due: undefined } } }
  },
})

/** What is sent again gets the next number, as if it had not been said before. */
export const recounting = (machine: ServerMachine): ServerMachine => ({
  ...machine,
  violations: () => [],
  reduce: (state, input) => {
    const step = machine.reduce(state, input)
    const list = roll.get(step.state.lists, listName)
    const newest = list?.ims.at(-1)
    if (list === undefined || newest?.granted === undefined || newest.id !== step.state.position || newest.granted.grant.im === newest.granted.grant.root) return step
    const no = list.no + 1
    const grant = { ...newest.granted.grant, no }
    const response = option.map((said: server.Response): server.Response =>
      ('_tag' in said && said._tag === 'Answered' && isRight(said.outcome) && said.outcome.right._tag === 'Granted' ? { ...said, outcome: right({ _tag: 'Granted', grant }) } : said))(step.response)
    return { ...step, response, state: withList(step.state, { ...list, no, ims: [...list.ims.slice(0, -1), { ...newest, granted: { ...newest.granted, grant } }] }) }
  },
})
