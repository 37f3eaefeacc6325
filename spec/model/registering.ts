// How the second model of the server takes contacts up, and along to where they are: under a name alone, as the classic wire has it, or with a key.
import { isPlainName, type Address, type ContactName, type Identity, type Order } from '../../core/index.js'
import { code, type Expected, type Keyed, type KnownContact } from './known.js'
import type { server } from '../../core/index.js'

/** What of the directory that takes. */
interface Book {
  readonly contacts: KnownContact[]
  readonly debts: Map<string, { readonly from: number; readonly to: number }[]>
  position: number
  readonly config: server.Config
  readonly contact: (name: ContactName) => KnownContact | undefined
  readonly keyed: (key: string) => Keyed | undefined
}

export const register = (book: Book, name: ContactName, { ip, port }: Address): Expected => {
  if (book.contact(name)) return code(455)
  if (book.contacts.length >= book.config.maxContacts) return code(456)
  book.contacts.push({ name, ip, port, key: undefined })
  return code(200)
}

export const move = (book: Book, key: string, { ip, port }: Address): void => {
  const contact = book.keyed(key)
  if (contact === undefined || (contact.ip === ip && contact.port === port)) return
  Object.assign(contact, { ip, port })
  book.position += 1
}

export const judge = (book: Book, key: string, presence: 'alive' | 'suspect' | 'away'): void => {
  const contact = book.keyed(key)
  if (contact === undefined || contact.key.presence === presence) return
  contact.key.presence = presence
  book.position += 1
}

type Register = Order & { readonly _tag: 'Register' }

export const registerKey = (book: Book, key: string, { contact: name, nonce }: Register, identity: Identity | undefined, address: Address | undefined): Expected => {
  const known = book.keyed(key)
  if (identity === undefined || address === undefined || identity.seals !== key) return code(403)
  if (known !== undefined && known.name !== name) return code(452)
  if (known !== undefined && known.key.identity.id !== identity.id) return code(403)
  if (known === undefined) {
    if (!isPlainName(name)) return code(453)
    if (book.contact(name)) return code(455)
    const looks = book.config.skeletons(name)
    if (book.contacts.some((other) => other.key !== undefined && book.config.skeletons(other.name).some((one) => looks.includes(one)))) return code(451)
    if (book.contacts.length >= book.config.maxContacts) return code(456)
    book.position += 1
    book.contacts.push({ name, ip: address.ip, port: address.port, key: { identity, boot: book.position, nonce, presence: 'alive', last: undefined, done: [], locks: book.debts.get(key) ?? [], served: [] } })
    book.debts.delete(key)
    return { code: 200, boot: book.position, effect: 'Bind' }
  }
  if (known.key.nonce === nonce) {
    move(book, key, address)
    return { code: 200, boot: known.key.boot }
  }
  book.position += 1
  Object.assign(known, { ip: address.ip, port: address.port })
  Object.assign(known.key, { nonce, boot: book.position, presence: 'alive', last: undefined })
  return { code: 200, boot: known.key.boot, effect: 'Bind' }
}

/** Of all members those with keys that are named, but for whoever asks. */
export const where = (book: Pick<Book, 'contact'>, all: Expected, ids: ReadonlyArray<string>, by: KnownContact): Expected => {
  const isNamed = (contact: KnownContact | undefined): boolean => contact?.key !== undefined && contact !== by && ids.includes(contact.key.identity.id)
  return all.members === undefined ? all : { ...all, members: all.members.filter(({ name }) => isNamed(book.contact(name as ContactName))) }
}
