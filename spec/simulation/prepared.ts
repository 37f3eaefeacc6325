// What a simulated world begins with: a server's directory of a list that all members are on already.
import { keyed, sealed, self, server, type Actor, type Address, type ContactId, type Nonce, type ProcessId } from '../../core/index.js'
import { listName, nameOf } from './names.js'
import type { House } from './roles.js'

type Ciphers = House['ciphers'][number]

/** A directory that anybody may begin with: a state of a machine does not change. */
export interface Prepared {
  readonly directory: server.Directory
  readonly boots: ReadonlyArray<number>
}

/** No simulated minute is to fail for being a busy one. */
const unhurried = { perSecond: 1e6, burst: 1e6 }

export const configOf = (ciphers: Ciphers): server.Config => ({ ...server.defaults, hash: ciphers.hash, keyRate: unhurried, registerRate: unhurried })

/** How a member registers with its key. */
export const registerOf = (who: number, { own: { signs, seals }, sign }: Ciphers, of: ContactId, nonce: Nonce): sealed.Order & { readonly _tag: 'Register' } => ({
  _tag: 'Register', contact: nameOf(who), signs, nonce, proof: Buffer.from(sign(sealed.proofOf(seals, of))).toString('hex'),
})

/** The directory of a list that all of these are on, and the boots of their registers, the server's 0 first. */
export const prepare = (ciphers: ReadonlyArray<Ciphers>, addressOfMember: (who: number) => Address): Prepared => {
  const [own, ...members] = ciphers
  if (own === undefined) throw new Error('nobody is there')
  const config = configOf(own)
  const machine = server.machine(config)
  let state = server.initial
  const give = (by: Actor, command: server.Command): void => {
    state = machine.reduce(state, { at: 0 as server.State['at'], by, command }).state
  }
  give(self, { _tag: 'Start', process: 'ffffffffffffffff' as ProcessId, settings: server.settingsOf(config) })
  const boots = [0]
  members.forEach((member, i) => {
    const { own: identity } = member
    const who = i + 1
    const order = registerOf(who, member, own.own.id, who.toString(16).padStart(32, '0') as Nonce)
    give(keyed(identity.seals), { _tag: 'Ask', boot: 0, seq: 0, order, identity, address: addressOfMember(who) })
    const boot = server.keyedBy(state, identity.seals)?.bound.boot ?? 0
    boots.push(boot)
    if (who === 1) give(keyed(identity.seals), { _tag: 'Ask', boot, seq: 0, order: { _tag: 'Create', list: listName, policy: 'sealed' }, identity: undefined, address: undefined })
    give(keyed(identity.seals), { _tag: 'Ask', boot, seq: 1, order: { _tag: 'Join', list: listName, contact: nameOf(who) }, identity: undefined, address: undefined })
  })
  return { directory: server.directory(state, server.settingsOf(config)), boots }
}
