// Whether a sealed peer is on a list: what the server's answers say of it, whoever did it, so that what is sent to it is taken, or is not.
import { deepEqual, equal } from 'node:assert/strict'
import { table, type ListName, type sealed } from '../../core/index.js'
import { Client, identity, me, own } from '../model/client.js'

const list = 'l' as ListName
const join: sealed.Change = { _tag: 'Join', list, contact: me }
const leave: sealed.Change = { _tag: 'Leave', list, contact: me }
const nothing: sealed.AnswerBody = { _tag: 'Nothing' }

const row = (name: string, keys: typeof own): sealed.MemberRow => ({ name: name as never, ip: '192.0.2.9' as never, port: 22004 as never, presence: 'alive', keys })
const rows = (...members: ReadonlyArray<sealed.MemberRow>): sealed.AnswerBody => ({ _tag: 'Members', owner: me, policy: 'sealed', members })
const other = row('Foo', identity(0x40))

const isLeft = ({ state }: Client): boolean | undefined => table.get(state.courier.lists, list)?.left
const epoch = ({ state }: Client): number | undefined => table.get(state.courier.lists, list)?.epoch
const gone = (): Client => new Client().registered().ask(leave).answer(200, nothing)

describe('a sealed peer that is told whether it is on a list', () => {
  it('is on it when its join is refused since it is on it, and off it when its leave is refused since it is not', () => {
    const client = gone()
    equal(isLeft(client), true)
    equal(isLeft(client.ask(join).answer(461, nothing)), false)
    equal(isLeft(client.ask(leave).answer(464, nothing)), true)
    equal(isLeft(client.ask(join).answer(403, nothing)), true)
  })

  it('counts no leave twice, lest it take nothing of the list when it is on it again', () => {
    const client = gone()
    const before = epoch(client)
    equal(epoch(client.ask(leave).answer(464, nothing).ask({ _tag: 'Members', list }).answer(200, rows(other))), before)
  })

  it('takes what its ticket was served with for the same', () => {
    const client = gone().ask({ _tag: 'Enqueue', change: join }).answer(200, { _tag: 'Queued', ticket: 7, place: 1, opens: undefined })
    equal(isLeft(client), true)
    equal(isLeft(client.ask({ _tag: 'Ticket', ticket: 7 }).answer(200, { _tag: 'Served', code: 461 })), false)
  })

  it('finds its key among the members, or does not, and learns nothing of lists that it does not know', () => {
    const client = gone()
    const seen: unknown[] = []
    for (const members of [[other], [other, row('Me', own)], [other]]) seen.push(isLeft(client.ask({ _tag: 'Members', list }).answer(200, rows(...members))))
    deepEqual(seen, [true, false, true])
    equal(isLeft(new Client().registered().ask({ _tag: 'Members', list }).answer(200, rows(other))), undefined)
  })
})
