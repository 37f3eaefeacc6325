// The second model of the server: dumb and obviously right. Arrays, scans, no index, no order but that of the arrays. It decides the same
// things in the order in which `PROTOCOL.md` lists them, and knows nothing of how the core keeps them.
import { FileName, type ContactName, type ListName } from '../../core/index.js'
import type { server } from '../../core/index.js'

interface KnownContact { readonly name: ContactName; readonly ip: string; readonly port: number }
interface KnownList { readonly name: ListName; members: ContactName[]; ongoing: ContactName[] }

/** What the model expects as an answer: the code, and the names or members that come with it. */
export interface Expected {
  readonly code: number
  readonly names?: ReadonlyArray<string>
  readonly ring?: ReadonlyArray<KnownContact>
}

const code = (is: number): Expected => ({ code: is })

export class Directory {
  contacts: KnownContact[] = []
  lists: KnownList[] = []
  readonly #config: server.Config

  constructor(config: server.Config) {
    this.#config = config
  }

  contact(name: ContactName): KnownContact | undefined {
    return this.contacts.find((contact) => contact.name === name)
  }

  list(name: ListName): KnownList | undefined {
    return this.lists.find((list) => list.name === name)
  }

  /** In a list whose count is above 0, anywhere. */
  isPartOfMessage(name: ContactName): boolean {
    return this.lists.some((list) => list.members.includes(name) && list.ongoing.length > 0)
  }

  /** Does the command; undefined: nobody is answered. */
  step(command: server.Command): Expected | undefined {
    switch (command._tag) {
      case 'Register': return this.#register(command.contact, command.address.ip, command.address.port)
      case 'Create': return this.#create(command.list)
      case 'QueryLists': return this.#queryLists()
      case 'Join': return this.#join(command.list, command.contact)
      case 'Leave': return this.#leave(command.list, command.contact)
      case 'Exit': return this.#exit(command.contact)
      case 'ImStart': return this.#imStart(command.list, command.contact)
      case 'ImComplete': return this.#imComplete(command.list, command.contact)
      case 'Save': return FileName.is(command.file) ? undefined : code(462)
      case 'Malformed': return code(400)
      case 'Close':
      case 'Wake': return undefined
    }
  }

  /** The saved file. */
  saved(): string {
    const line = (name: ContactName): string => `${name} ${this.contact(name)?.ip ?? ''} ${this.contact(name)?.port ?? ''}`
    const lists = this.lists.flatMap(({ name, members }) => [name, String(members.length), ...members.map(line)])
    return [String(this.contacts.length), ...this.contacts.map(({ name }) => line(name)), String(this.lists.length), ...lists].join('\n')
  }

  #register(name: ContactName, ip: string, port: number): Expected {
    if (this.contact(name)) return code(455)
    if (this.contacts.length >= this.#config.maxContacts) return code(456)
    this.contacts.push({ name, ip, port })
    return code(200)
  }

  #create(name: ListName): Expected {
    if (this.list(name)) return code(457)
    if (this.lists.length >= this.#config.maxLists) return code(458)
    this.lists.push({ name, members: [], ongoing: [] })
    return code(200)
  }

  #queryLists(): Expected {
    const names = this.lists.map(({ name }) => name)
    return this.#sized({ num_lists: names.length, list_names: names }, { code: 200, names })
  }

  #join(listName: ListName, name: ContactName): Expected {
    if (!this.contact(name)) return code(459)
    const list = this.list(listName)
    if (!list) return code(460)
    if (list.members.includes(name)) return code(461)
    if (list.ongoing.length > 0 || this.isPartOfMessage(name)) return code(463)
    list.members.push(name)
    return code(200)
  }

  #leave(listName: ListName, name: ContactName): Expected {
    if (!this.contact(name)) return code(459)
    const list = this.list(listName)
    if (!list) return code(460)
    if (!list.members.includes(name)) return code(464)
    if (list.ongoing.length > 0) return code(463)
    list.members = list.members.filter((member) => member !== name)
    return code(200)
  }

  #exit(name: ContactName): Expected {
    if (!this.contact(name)) return code(459)
    if (this.isPartOfMessage(name)) return code(463)
    for (const list of this.lists) list.members = list.members.filter((member) => member !== name)
    this.contacts = this.contacts.filter((contact) => contact.name !== name)
    return code(200)
  }

  #imStart(listName: ListName, name: ContactName): Expected {
    if (!this.contact(name)) return code(459)
    const list = this.list(listName)
    if (!list) return code(460)
    if (!list.members.includes(name)) return code(464)
    if (list.ongoing.length >= this.#config.maxMessages) return code(429)
    const order = [name, ...list.members.filter((member) => member !== name)]
    const ring = order.flatMap((member) => this.contact(member) ?? [])
    const answer = this.#sized({ num_contacts_in_list: ring.length, contact_list: ring.map(({ name: is, ip, port }) => ({ name: is, ip, port })) }, { code: 200, ring })
    if (answer.code === 200) list.ongoing.push(name)
    return answer
  }

  #imComplete(listName: ListName, name: ContactName): Expected {
    if (!this.contact(name)) return code(459)
    const list = this.list(listName)
    if (!list) return code(460)
    if (!list.members.includes(name)) return code(464)
    const oldest = list.ongoing.indexOf(name)
    if (oldest < 0) return code(465)
    list.ongoing.splice(oldest, 1)
    return code(200)
  }

  /** 413 where an original would have to read more than it can: JSON with blanks after commas and colons outside of strings, \u escapes. */
  #sized(body: object, answer: Expected): Expected {
    const strings: string[] = []
    const bare = JSON.stringify(body).replace(/"(?:[^"\\]|\\.)*"/g, (string) => `s${strings.push(string) - 1}s`)
    const blanks = (bare.match(/[,:]/g) ?? []).length
    const escaped = strings.join('').replace(/[\u007f-\uffff]/g, '\\u0000').length
    const bytes = '200-_-'.length + bare.replace(/s\d+s/g, '').length + blanks + escaped
    return bytes > this.#config.maxReplyBytes ? code(413) : answer
  }
}
